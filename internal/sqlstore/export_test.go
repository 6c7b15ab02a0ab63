package sqlstore

// TakenSessions is what a group asks before what its members say.
const TakenSessions = takenSessions
