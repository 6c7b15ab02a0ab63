package gitlab

// Remembered counts the answers that are kept.
func (c *Client) Remembered() int {
	c.cache.mu.Lock()
	defer c.cache.mu.Unlock()
	return len(c.cache.entries)
}
