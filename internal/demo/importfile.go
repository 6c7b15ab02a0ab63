package demo

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// rows reads a file of accounts, line by line.
type rows struct {
	csv     *csv.Reader
	columns []*Column // by position; nil for one that is not known
	names   []string
	faults  *faultList
}

// maxHeader is how far the end of the first line is looked for, in bytes.
const maxHeader = 64 << 10

// openRows reads the header. What it finds wrong ends the reading; unknown are columns that are left out.
func openRows(r io.Reader, faults *faultList) (file *rows, unknown []string, err error) {
	b := bufio.NewReaderSize(r, maxHeader)
	start, err := b.Peek(maxHeader)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return nil, nil, err
	}
	if bytes.HasPrefix(start, []byte{0xFF, 0xFE}) || bytes.HasPrefix(start, []byte{0xFE, 0xFF}) {
		faults.add(1, "the file is in UTF-16; save it as CSV in UTF-8")
		return nil, nil, faults.err()
	}
	if bom := []byte("\xEF\xBB\xBF"); bytes.HasPrefix(start, bom) {
		_, _ = b.Discard(len(bom))
		start = start[len(bom):]
	}
	file = &rows{csv: csv.NewReader(b), faults: faults}
	file.csv.Comma = separator(start)
	file.csv.FieldsPerRecord = -1
	file.csv.ReuseRecord = true
	unknown, err = file.header()
	if err == nil {
		err = faults.err()
	}
	return file, unknown, err
}

// separator is what parts the columns of the first line: a comma, or what spreadsheets put in its place.
func separator(start []byte) rune {
	line, _, _ := bytes.Cut(start, []byte("\n"))
	best, most := ',', bytes.Count(line, []byte(","))
	for _, other := range []rune{';', '\t'} {
		if n := bytes.Count(line, []byte(string(other))); n > most {
			best, most = other, n
		}
	}
	return best
}

// header finds out which column stands where.
func (f *rows) header() (unknown []string, err error) {
	record, err := f.csv.Read()
	switch {
	case errors.Is(err, io.EOF):
		f.faults.add(1, "the file is empty; its first line names the columns")
		return nil, nil
	case f.unreadable(err):
		return nil, nil
	case err != nil:
		return nil, err
	}
	known := Columns()
	for _, name := range record {
		name = strings.ToLower(strings.TrimSpace(name))
		f.names = append(f.names, name)
		i := slices.IndexFunc(known, func(c Column) bool { return c.Name == name })
		if i < 0 {
			f.columns = append(f.columns, nil)
			unknown = append(unknown, strings.Clone(name))
			continue
		}
		if slices.Contains(f.columns, &known[i]) {
			f.faults.add(1, "the column %s is there twice", name)
		}
		f.columns = append(f.columns, &known[i])
	}
	f.missing(known)
	return unknown, nil
}

// missing notes the columns that have to be there.
func (f *rows) missing(known []Column) {
	for i := range known {
		if known[i].Required && !slices.Contains(f.columns, &known[i]) {
			f.faults.add(1, "there is no column %s; the first line has to name the columns", known[i].Name)
		}
	}
}

// unreadable notes what the CSV reader could not make out.
func (f *rows) unreadable(err error) bool {
	var parse *csv.ParseError
	if !errors.As(err, &parse) {
		return false
	}
	switch {
	case errors.Is(parse.Err, csv.ErrQuote) && parse.StartLine != parse.Line:
		f.faults.add(parse.StartLine, "a quotation mark is opened and never closed")
	case errors.Is(parse.Err, csv.ErrQuote), errors.Is(parse.Err, csv.ErrBareQuote):
		f.faults.add(parse.StartLine, `a quotation mark inside a value has to be doubled, and the value put into quotation marks`)
	default:
		f.faults.add(parse.StartLine, "is no CSV")
	}
	return true
}

// next is the next row with all that is wrong with it noted, io.EOF after the last. It is nil for a row that
// cannot be read or says nothing. raw is the row as it stands, to tell repeated ones.
func (f *rows) next() (r *row, raw []string, err error) {
	record, err := f.csv.Read()
	if f.unreadable(err) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	line, _ := f.csv.FieldPos(0)
	if blank(record) {
		return nil, nil, nil
	}
	if len(record) != len(f.columns) {
		f.faults.add(line, "has %d values, and the first line names %d columns", len(record), len(f.columns))
		return nil, nil, nil
	}
	return f.row(line, record), record, nil
}

func blank(record []string) bool {
	return !slices.ContainsFunc(record, func(v string) bool { return strings.TrimSpace(v) != "" })
}

func (f *rows) row(line int, record []string) *row {
	before := len(f.faults.found)
	r := newRow(line)
	for i, column := range f.columns {
		value := strings.TrimSpace(record[i])
		if column == nil || value == "" {
			continue
		}
		r.set[column.of] = true
		if !utf8.ValidString(value) {
			f.faults.add(line, "%s is not in UTF-8", column.Name)
		} else if err := column.set(r, strings.Clone(value)); err != nil {
			f.faults.add(line, "%s%s %s", column.Name, quoted(value), err)
		}
	}
	if len(f.faults.found) == before { // else some of it would only follow
		r.check(f.faults)
	}
	if len(f.faults.found) > before {
		return nil
	}
	return r
}
