// Package tally counts what it is told of.
package tally

// Tally is how often each name was said.
type Tally map[string]int

// Add counts one more of each name.
func (t Tally) Add(names ...string) {
	for _, name := range names {
		t[name]++
	}
}

// Most is the name that was said most often, the first in the alphabet of several.
func (t Tally) Most() string {
	most := ""
	for name, count := range t {
		if count > t[most] || (count == t[most] && name < most) {
			most = name
		}
	}
	return most
}
