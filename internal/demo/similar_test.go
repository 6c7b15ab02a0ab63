package demo_test

import (
	"fmt"
	"slices"
	"testing"

	"latchkey/internal/account"
)

// TestSimilarFollowsTheRule is the rule of similar_to in the Customer Portal API, case by case.
func TestSimilarFollowsTheRule(t *testing.T) {
	for _, c := range []struct {
		name   string
		stored []string
		asked  string
		want   []string
	}{
		{"underscore for dot", []string{"firstname.lastname@a.example"}, "firstname_lastname@a.example", []string{"firstname.lastname@a.example"}},
		{"hyphen for nothing", []string{"annelise@a.example"}, "anne-lise@a.example", []string{"annelise@a.example"}},
		{"case", []string{"Anne.Lise@a.example"}, "ANNE_LISE@a.example", []string{"Anne.Lise@a.example"}},
		{"plus tag stored", []string{"anne.lise+billing@a.example"}, "anne.lise@a.example", []string{"anne.lise+billing@a.example"}},
		{"plus tag asked", []string{"anne.lise@a.example"}, "anne.lise+x@a.example", []string{"anne.lise@a.example"}},
		{"digits at the end", []string{"j.smith@a.example"}, "jsmith42@a.example", []string{"j.smith@a.example"}},
		{"digits in the middle differ", []string{"team4ever@a.example"}, "team99999ever@a.example", nil},
		{"only digits stay", []string{"100@a.example"}, "2000000@a.example", nil},
		{"only marks stay", []string{"_-_@a.example"}, "-_-@a.example", nil},
		{"nothing but a tag stays", []string{"+anne@a.example"}, "+billing@a.example", nil},
		{"two letters off", []string{"katherine@a.example"}, "catharine@a.example", []string{"katherine@a.example"}},
		{"three letters off", []string{"katherine@a.example"}, "catharina@a.example", nil},
		{"too short to be called near", []string{"jo@a.example", "bo@a.example"}, "al@a.example", nil},
		{"one letter of three", []string{"bob@a.example"}, "rob@a.example", []string{"bob@a.example"}},
		{"two letters of three", []string{"bob@a.example"}, "bea@a.example", nil},
		{"another domain", []string{"firstname.lastname@b.example"}, "firstname_lastname@a.example", nil},
		{"a domain below", []string{"firstname.lastname@mail.a.example"}, "firstname_lastname@a.example", nil},
		{"free mail", []string{"firstname.lastname@gmail.com"}, "firstname_lastname@gmail.com", nil},
		{"not itself", []string{"Anne@a.example"}, "anne@a.example", nil},
		{
			"same skeleton first, then by distance, at most three",
			[]string{"marlenes@a.example", "marlen@a.example", "mar.le.ne@a.example", "marleene@a.example", "m.arlene99@a.example"},
			"marlene@a.example",
			[]string{"mar.le.ne@a.example", "m.arlene99@a.example", "marlenes@a.example"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStand(t)
			s.store(c.stored...)
			if got := s.similar(c.asked); !slices.Equal(got, c.want) {
				t.Errorf("similar to %s: got %v, want %v", c.asked, got, c.want)
			}
		})
	}
}

func TestInALargeDomainOnlyTheSkeletonCounts(t *testing.T) {
	s := newStand(t)
	s.store("katherine@a.example", "cath.arine@a.example")
	for i := range 98 {
		s.store(fmt.Sprintf("colleague-number-%c%c@a.example", 'a'+i/26, 'a'+i%26))
	}
	if got, want := s.similar("catharine@a.example"), []string{"cath.arine@a.example", "katherine@a.example"}; !slices.Equal(got, want) {
		t.Errorf("100 accounts: got %v, want %v", got, want)
	}
	s.store("one-more@a.example")
	if got, want := s.similar("catharine@a.example"), []string{"cath.arine@a.example"}; !slices.Equal(got, want) {
		t.Errorf("101 accounts: got %v, want %v", got, want)
	}
}

func TestNumberedMailboxesAreNobodysVariants(t *testing.T) {
	s := newStand(t)
	for i := range 100 {
		s.store(fmt.Sprintf("printer%03d@a.example", i))
	}
	if got := s.similar("printer@a.example"); len(got) != 3 {
		t.Errorf("100 of one skeleton: got %v, want 3", got)
	}
	s.store("printer100@a.example")
	if got := s.similar("printer@a.example"); got != nil {
		t.Errorf("101 of one skeleton: got %v, want none", got)
	}
}

func (s *stand) store(emails ...string) {
	s.Helper()
	for _, email := range emails {
		s.stored++
		s.must(s.portal.AddAccount(s.Context(), account.Account{
			ID: fmt.Sprintf("s%03d", s.stored), Email: email, Origin: account.OriginSelfService, CreatedAt: s.now, ConfirmedAt: s.now, SignInEnabled: true,
		}))
	}
}

func (s *stand) similar(asked string) []string {
	s.Helper()
	found, err := s.client.AccountsSimilarTo(s.Context(), s.address(asked))
	s.must(err)
	var emails []string
	for _, a := range found {
		emails = append(emails, a.Email)
	}
	return emails
}
