package load

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"html/template"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	_ "github.com/jackc/pgx/v5/stdlib" // registers pgx
	_ "modernc.org/sqlite"             // registers sqlite
)

// floorGroup is how many requests share a commit at most.
const floorGroup = 256

// The pragmas of a database that loses nothing that was answered.
const floorPragmas = "?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_txlock=immediate"

const (
	floorTables = `CREATE TABLE IF NOT EXISTS floor_cases (id BIGINT PRIMARY KEY, address TEXT NOT NULL, at BIGINT NOT NULL);
		CREATE TABLE IF NOT EXISTS floor_mails (id BIGINT PRIMARY KEY, address TEXT NOT NULL, at BIGINT NOT NULL)`
	floorCase = `INSERT INTO floor_cases (id, address, at) VALUES ($1, $2, $3)`
	floorMail = `INSERT INTO floor_mails (id, address, at) VALUES ($1, $2, $3)`
)

// floor is a bare handler on Gin: no session, no limit, no rule.
type floor struct {
	db     *sql.DB
	shared chan floorStart // nil: each its own commit
	page   *template.Template
	next   chan int64
}

type floorStart struct {
	id      int64
	address string
	done    chan error
}

// ServeFloor serves the floor until ctx ends: GET / is html/template and nothing else, POST / commits two
// inserts and renders the same page, each in a transaction of its own or, if shared, up to 256 in one.
func ServeFloor(ctx context.Context, at, database string, shared bool) error {
	db, err := openFloor(ctx, database, shared)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	f := &floor{db: db, page: newFloorPage(), next: make(chan int64, 1)}
	f.next <- time.Now().UnixNano()
	if shared {
		f.shared = make(chan floorStart, 4*floorGroup)
		go f.write(ctx)
	}
	gin.SetMode(gin.ReleaseMode)
	e := gin.New()
	e.GET("/", func(c *gin.Context) { f.render(c, "") })
	e.POST("/", f.start)
	server := &http.Server{Addr: at, Handler: e, ReadHeaderTimeout: 5 * time.Second}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func openFloor(ctx context.Context, database string, shared bool) (*sql.DB, error) {
	driver, most := "pgx", 16
	if !strings.HasPrefix(database, "postgres") {
		driver, most, database = "sqlite", 1, "file:"+database+floorPragmas
	}
	db, err := sql.Open(driver, database)
	if err != nil {
		return nil, err
	}
	if shared {
		most = 1
	}
	db.SetMaxOpenConns(most)
	db.SetMaxIdleConns(most)
	for statement := range strings.SplitSeq(floorTables, ";") {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return nil, errors.Join(err, db.Close())
		}
	}
	return db, nil
}

func (f *floor) render(c *gin.Context, address string) {
	var b bytes.Buffer
	p := floorPage{Path: c.FullPath(), Token: "0123456789abcdef", Email: c.Query("email"), Sent: address}
	if err := f.page.Execute(&b, p); err != nil {
		c.Status(http.StatusInternalServerError)
		return
	}
	c.Data(http.StatusOK, "text/html; charset=utf-8", b.Bytes())
}

func (f *floor) start(c *gin.Context) {
	id := <-f.next
	f.next <- id + 1
	s := floorStart{id: id, address: c.PostForm("email"), done: make(chan error, 1)}
	if f.shared != nil {
		f.shared <- s
	} else {
		s.done <- f.commit(c.Request.Context(), []floorStart{s})
	}
	if err := <-s.done; err != nil {
		c.String(http.StatusInternalServerError, err.Error())
		return
	}
	f.render(c, s.address)
}

// write is the one writer of shared commits: all who wait go into one transaction.
func (f *floor) write(ctx context.Context) {
	for first := range f.shared {
		group := []floorStart{first}
		for len(group) < floorGroup && len(f.shared) > 0 {
			group = append(group, <-f.shared)
		}
		err := f.commit(ctx, group)
		for _, s := range group {
			s.done <- err
		}
	}
}

func (f *floor) commit(ctx context.Context, group []floorStart) error {
	tx, err := f.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	now := time.Now().UnixMilli()
	for _, s := range group {
		for _, insert := range []string{floorCase, floorMail} {
			if _, err := tx.ExecContext(ctx, insert, s.id, s.address, now); err != nil {
				return err
			}
		}
	}
	return tx.Commit()
}
