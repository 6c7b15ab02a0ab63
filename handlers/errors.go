package handlers

import (
	"net/http"

	"latchkey/handlers/internal/edge"
	"latchkey/internal/account"
	"latchkey/internal/recovery"
	"latchkey/templates"
)

// replies has one line for each error that means something to a customer.
var replies = edge.Replies{
	{account.ErrAddressEmpty, edge.Typed(templates.FieldEmail, templates.ProblemEmailEmpty)},
	{account.ErrAddressTooLong, edge.Typed(templates.FieldEmail, templates.ProblemEmailTooLong)},
	{account.ErrAddressForm, edge.Typed(templates.FieldEmail, templates.ProblemEmailForm)},
	{account.ErrAddressNotASCII, edge.Typed(templates.FieldEmail, templates.ProblemEmailNotASCII)},
	{account.ErrAddressDomain, edge.Typed(templates.FieldEmail, templates.ProblemEmailDomain)},
	{recovery.ErrOtherAddress, edge.Typed(templates.FieldEmail, templates.ProblemEmailOther)},
	{recovery.ErrCodeForm, edge.Typed(templates.FieldCode, templates.ProblemCodeForm)},
	{recovery.ErrWrongCode, edge.Typed(templates.FieldCode, templates.ProblemCodeWrong)},
	{recovery.ErrNoMessage, edge.Typed(templates.FieldMessage, templates.ProblemMessageEmpty)},
	{recovery.ErrMessageTooLong, edge.Typed(templates.FieldMessage, templates.ProblemMessageTooLong)},
	{errNothingSaid, edge.Typed(templates.FieldSymptom, templates.ProblemNothingSaid)},
	{recovery.ErrInProgress, edge.Pressed(http.StatusConflict, templates.ProblemInProgress)},
	{recovery.ErrNotAllowed, edge.Pressed(http.StatusConflict, templates.ProblemNotAllowed)},
	{recovery.ErrTooManyMails, edge.Pressed(http.StatusTooManyRequests, templates.ProblemTooManyMails)},
	{recovery.ErrTooManyHandOffs, edge.Reply{
		Status: http.StatusTooManyRequests, Problem: templates.ProblemTooManyHandOffs, After: recovery.DayWindow,
	}},
	{recovery.ErrTooManySteps, edge.Reply{
		Status: http.StatusTooManyRequests, Problem: templates.ProblemTooManySteps, After: recovery.DayWindow,
	}},
	{recovery.ErrIdentityState, edge.Pressed(http.StatusForbidden, templates.ProblemIdentityState)},
	{recovery.ErrIdentityDenied, edge.Pressed(http.StatusForbidden, templates.ProblemIdentityDenied)},
	{recovery.ErrIdentityProvider, edge.Pressed(http.StatusServiceUnavailable, templates.ProblemIdentity)},
	{recovery.ErrPortal, edge.Pressed(http.StatusServiceUnavailable, templates.ProblemPortal)},
	{errPrevious, edge.Alone(http.StatusServiceUnavailable, templates.MessageUnavailable)},
}
