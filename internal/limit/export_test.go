package limit

// Kept is how many counts this process holds.
func (l *Limits) Kept() (n int) {
	for i := range l.memory.parts {
		p := &l.memory.parts[i]
		p.mu.Lock()
		n += len(p.counts)
		p.mu.Unlock()
	}
	return n
}
