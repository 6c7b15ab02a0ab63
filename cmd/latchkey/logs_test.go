package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"latchkey/internal/config"
)

var plainLog = config.Log{LogFormat: "text", LogLevel: "info"}

// Nobody waits for a log whose reader stands still; once it reads again it gets what had room, and is told what had
// none.
func TestNobodyWaitsForTheLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		read, write := io.Pipe()
		log, end := openLog(write, plainLog)
		log.Info("held up")
		synctest.Wait() // it is being written
		for range logLines + 10 {
			log.Info("one of many")
		}
		begun := time.Now()
		lines := bufio.NewScanner(read)
		told, many := false, 0
		for !told || many < logLines {
			if !lines.Scan() {
				t.Fatal(lines.Err())
			}
			told = told || strings.Contains(lines.Text(), "level=WARN") && strings.HasSuffix(lines.Text(), "lines=10")
			if strings.Contains(lines.Text(), "one of many") {
				many++
			}
		}
		end()
		if took := time.Since(begun); took != 0 {
			t.Errorf("it ended after %v, want at once", took)
		}
	})
}

// The end waits for the last lines, but not for ever.
func TestTheLogIsWrittenToTheEnd(t *testing.T) {
	var written bytes.Buffer
	log, end := openLog(&written, plainLog)
	for range 100 {
		log.Info("a line")
	}
	end()
	if got := strings.Count(written.String(), "a line"); got != 100 {
		t.Errorf("%d lines, want 100", got)
	}
	log.Info("too late") // is nobody's any more, and no panic
	synctest.Test(t, func(t *testing.T) {
		read, write := io.Pipe()
		log, end := openLog(write, plainLog)
		log.Info("nobody reads this")
		begun := time.Now()
		end()
		if took := time.Since(begun); took != logEnd {
			t.Errorf("it ended after %v, want %v", took, logEnd)
		}
		_ = read.Close()
	})
}

// fullDisk takes nothing until there is room.
type fullDisk struct {
	bytes.Buffer
	full bool
}

func (d *fullDisk) Write(p []byte) (int, error) {
	if d.full {
		return 0, errors.New("no space left on device")
	}
	return d.Buffer.Write(p)
}

func TestALogWithoutRoomGoesOnOnceThereIsSome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disk := &fullDisk{full: true}
		log, end := openLog(disk, plainLog)
		log.Info("first")
		log.Info("second")
		synctest.Wait()
		disk.full = false
		log.Info("third")
		end()
		if got := disk.String(); strings.Contains(got, "first") || !strings.Contains(got, "third") || !strings.Contains(got, "lines=2") {
			t.Errorf("the log is %q, want the third line, and that two were lost", got)
		}
	})
}

// crampedDisk has room for so many writes.
type crampedDisk struct {
	bytes.Buffer
	room int
}

func (d *crampedDisk) Write(p []byte) (int, error) {
	if d.room--; d.room < 0 {
		return 0, errors.New("no space left on device")
	}
	return d.Buffer.Write(p)
}

// Where there is room for a line and none for how many were lost before it, that is told with a later line.
func TestHowManyLinesWereLostIsNotLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disk := &crampedDisk{}
		log, end := openLog(disk, plainLog)
		log.Info("first")
		log.Info("second")
		synctest.Wait()
		disk.room = 1
		log.Info("third")
		synctest.Wait()
		disk.room = 2
		log.Info("fourth")
		end()
		if got := disk.String(); !strings.Contains(got, "third") || !strings.Contains(got, "fourth") || !strings.Contains(got, "lines=2") {
			t.Errorf("the log is %q, want the last two lines, and that two were lost", got)
		}
	})
}
