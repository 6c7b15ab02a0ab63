package assets

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
)

//go:embed portal.css portal.js console.css report.css icon.svg
var files embed.FS

// prefix is the path under which everything is served.
const prefix = "/assets/"

// types are the content types of what is embedded, by extension.
var types = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
}

// file is one embedded file, ready to be sent.
type file struct {
	path        string
	contentType string
	etag        string
	plain       []byte
	gzip        func() ([]byte, error) // made when it is asked for the first time
}

// set is the embedded files under their paths.
type set struct {
	byName map[string]*file
	byPath map[string]*file
}

// newSet reads and names the embedded files.
func newSet() (*set, error) {
	s := &set{byName: map[string]*file{}, byPath: map[string]*file{}}
	entries, err := files.ReadDir(".")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		f, err := load(e.Name())
		if err != nil {
			return nil, fmt.Errorf("asset %s: %w", e.Name(), err)
		}
		s.byName[e.Name()], s.byPath[f.path] = f, f
	}
	return s, nil
}

func load(name string) (*file, error) {
	content, err := files.ReadFile(name)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(content)
	hash := hex.EncodeToString(sum[:6])
	ext := path.Ext(name)
	f := &file{
		path:        prefix + strings.TrimSuffix(name, ext) + "." + hash + ext,
		contentType: types[ext],
		etag:        `"` + hash + `"`,
		plain:       content,
	}
	if f.contentType == "" {
		return nil, fmt.Errorf("no content type for %q", ext)
	}
	f.gzip = sync.OnceValues(func() ([]byte, error) { return compressed(content) })
	return f, nil
}

func compressed(content []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(content); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// ServeHTTP serves the files at their paths, for ever; everything else is 404.
func (s *set) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f := s.byPath[r.URL.Path]
	if f == nil {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Vary", "Accept-Encoding")
	body, etag := f.plain, f.etag
	if TakesGzip(r.Header.Get("Accept-Encoding")) {
		if small, err := f.gzip(); err == nil {
			h.Set("Content-Encoding", "gzip")
			body, etag = small, strings.TrimSuffix(f.etag, `"`)+`-gz"`
		}
	}
	h.Set("ETag", etag)
	if r.Header.Get("If-None-Match") == etag {
		h.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", f.contentType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // a browser that went away gets nothing more
	}
}

// TakesGzip reads Accept-Encoding as far as browsers use it: a coding with q=0 is refused.
func TakesGzip(accept string) bool {
	for coding := range strings.SplitSeq(accept, ",") {
		name, parameters, _ := strings.Cut(strings.TrimSpace(coding), ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			q := strings.ReplaceAll(strings.ToLower(parameters), " ", "")
			return q != "q=0" && q != "q=0.0" && q != "q=0.00" && q != "q=0.000"
		}
	}
	return false
}

// embedded is the one set of this binary: its content is fixed when it is built.
var embedded = sync.OnceValue(func() *set {
	s, err := newSet()
	if err != nil {
		panic(err) // embedded files that cannot be read: the build is broken
	}
	return s
})

// Path is where the file of that name is served: /assets/<name>.<hash>.<ext>; "" for a name that is not
// embedded.
func Path(name string) string {
	if f := embedded().byName[name]; f != nil {
		return f.path
	}
	return ""
}

// Has reports whether a file is served at that path.
func Has(path string) bool { return embedded().byPath[path] != nil }

// Handler serves the embedded files.
func Handler() http.Handler { return embedded() }
