package tally

import "testing"

func TestMost(t *testing.T) {
	for _, row := range []struct {
		name string
		said []string
		want string
	}{
		{"one alone", []string{"ada"}, "ada"},
		{"the one said twice", []string{"bo", "ada", "bo"}, "bo"},
		{"first of two", []string{"bo", "ada"}, "ada"},
	} {
		t.Run(row.name, func(t *testing.T) {
			tally := Tally{}
			tally.Add(row.said...)
			if got := tally.Most(); got != row.want {
				t.Errorf("Most() = %q, want %q", got, row.want)
			}
		})
	}
}

func TestNobody(t *testing.T) {
	if got := (Tally{}).Most(); got != "" {
		t.Errorf("Most() = %q of nobody", got)
	}
}
