package sqlstore

// TakenSessions is what a group asks before its members speak.
const TakenSessions = takenSessions
