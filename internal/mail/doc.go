// Package mail gets rendered mails to the next hop, and reads what the mail service knows of mailboxes.
//
// It owns two recovery.Senders, SMTP and Mailgun, which sort every failure into permanent, temporary and
// "the provider refuses everyone"; Mailgun's delivery reports (webhooks), its log of who was sent a
// password reset, and its lists of suppressed addresses. The demo's inbox is a Sender elsewhere.
//
// It must not know what a mail says, why it is sent or when it is tried again. None of its errors holds
// an address: Mailgun's and SMTP servers' own texts do, so they are read and never passed on.
package mail
