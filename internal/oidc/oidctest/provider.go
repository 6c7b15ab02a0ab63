package oidctest

import (
	"context"
	"crypto/sha256"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// The client that Latchkey is at the provider.
const (
	ClientID     = "latchkey"
	ClientSecret = "client-secret"
)

// password is everybody's.
const password = "correct horse"

// Person can sign in.
type Person struct {
	Subject, Username, Email string
	EmailVerified            bool
	Groups                   []string
}

// Provider is a running OpenID provider. Its URL is its issuer.
type Provider struct {
	URL string
	// EmailInToken puts email and groups into the ID token; otherwise the user-info endpoint alone has them.
	EmailInToken bool
	// Tamper, if it is set, stands before the provider's own handler and may change what goes by.
	Tamper func(own http.Handler) http.Handler

	people   users
	server   *httptest.Server
	storage  *storage.Storage
	provider *op.Provider
	mu       sync.Mutex
	calls    map[string]int // by path
}

// Start runs a provider until the test ends. Browsers may come back to redirectURL alone.
func Start(tb testing.TB, redirectURL string, people ...Person) *Provider {
	tb.Helper()
	p := &Provider{server: httptest.NewUnstartedServer(nil), calls: map[string]int{}, people: people}
	p.URL = "http://" + p.server.Listener.Addr().String()
	p.storage = storage.NewStorageWithClients(users(people), map[string]*storage.Client{
		ClientID: storage.WebClient(ClientID, ClientSecret, redirectURL),
	})
	var err error
	p.provider, err = op.NewProvider(&op.Config{
		CryptoKey: sha256.Sum256([]byte(p.URL)), CryptoKeyId: "1", CodeMethodS256: true, AuthMethodPost: true,
	}, keeper{p.storage, p}, op.StaticIssuer(p.URL), op.WithAllowInsecure(),
		op.WithLogger(slog.New(slog.NewTextHandler(io.Discard, nil))))
	if err != nil {
		tb.Fatal(err)
	}
	p.server.Config.Handler = p
	p.server.Start()
	tb.Cleanup(p.server.Close)
	return p
}

// Stop makes the provider unreachable.
func (p *Provider) Stop() { p.server.Close() }

// Calls tells how often a path was asked for.
func (p *Provider) Calls(path string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.calls[path]
}

func (p *Provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.calls[r.URL.Path]++
	p.mu.Unlock()
	var h http.Handler = http.HandlerFunc(p.own)
	if p.Tamper != nil {
		h = p.Tamper(h)
	}
	h.ServeHTTP(w, r)
}

func (p *Provider) own(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == loginPath {
		p.login(w, r)
		return
	}
	p.provider.ServeHTTP(w, r)
}

// keeper is the provider's storage with our client's page to sign in on.
type keeper struct {
	*storage.Storage
	p *Provider
}

func (k keeper) GetClientByClientID(ctx context.Context, id string) (op.Client, error) {
	c, err := k.Storage.GetClientByClientID(ctx, id)
	if err != nil {
		return nil, err
	}
	return client{c, k.p}, nil
}

// SetUserinfoFromToken is what the user-info endpoint answers.
func (k keeper) SetUserinfoFromToken(ctx context.Context, info *oidc.UserInfo, tokenID, subject, origin string) error {
	err := k.Storage.SetUserinfoFromToken(ctx, info, tokenID, subject, origin)
	k.p.addGroups(info, subject)
	return err
}

// SetUserinfoFromRequest is what an ID token has of it.
func (k keeper) SetUserinfoFromRequest(ctx context.Context, info *oidc.UserInfo, r op.IDTokenRequest, scopes []string) error {
	err := k.Storage.SetUserinfoFromRequest(ctx, info, r, scopes)
	if k.p.EmailInToken {
		k.p.addGroups(info, r.GetSubject())
	}
	return err
}

func (p *Provider) addGroups(info *oidc.UserInfo, subject string) {
	for _, person := range p.people {
		if person.Subject == subject && person.Groups != nil {
			info.AppendClaims("groups", person.Groups)
		}
	}
}

type client struct {
	op.Client
	p *Provider
}

func (c client) LoginURL(id string) string { return c.p.URL + loginPath + "?id=" + id }

func (c client) IDTokenUserinfoClaimsAssertion() bool { return c.p.EmailInToken }

// users are who can sign in.
type users []Person

func (u users) find(is func(Person) bool) *storage.User {
	for _, person := range u {
		if is(person) {
			return &storage.User{
				ID: person.Subject, Username: person.Username, Password: password,
				Email: person.Email, EmailVerified: person.EmailVerified,
			}
		}
	}
	return nil
}

func (u users) GetUserByID(id string) *storage.User {
	return u.find(func(p Person) bool { return p.Subject == id })
}

func (u users) GetUserByUsername(name string) *storage.User {
	return u.find(func(p Person) bool { return p.Username == name })
}

func (u users) ExampleClientID() string { return "service" }
