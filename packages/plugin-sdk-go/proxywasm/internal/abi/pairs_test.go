package abi

import (
	"bytes"
	"reflect"
	"testing"
)

func TestEncodesPairsAsTheABISays(t *testing.T) {
	want := []byte("\x02\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\x02\x00\x00\x00a\x001\x00b\x0022\x00")
	if got := EncodePairs([][2]string{{"a", "1"}, {"b", "22"}}); !bytes.Equal(got, want) {
		t.Fatalf("got %q, want %q", got, want)
	}
}

func TestDecodesWhatItEncodes(t *testing.T) {
	for _, pairs := range [][][2]string{
		{},
		{{"", ""}},
		{{":path", "/a\x00b"}, {"x", ""}, {"x", "again"}},
	} {
		got, err := DecodePairs(EncodePairs(pairs))
		if err != nil || len(got) != len(pairs) || (len(pairs) > 0 && !reflect.DeepEqual(got, pairs)) {
			t.Fatalf("got %q, %v; want %q", got, err, pairs)
		}
	}
}

func TestRefusesMalformedPairs(t *testing.T) {
	good := EncodePairs([][2]string{{"name", "value"}})
	for size := 1; size < len(good); size++ {
		if _, err := DecodePairs(good[:size]); err == nil {
			t.Fatalf("%d of %d bytes were accepted", size, len(good))
		}
	}
	if _, err := DecodePairs([]byte{255, 255, 255, 255, 0}); err == nil {
		t.Fatal("a count of 2^32-1 was accepted")
	}
}

func TestJoinsPaths(t *testing.T) {
	if got := EncodePath([]string{"request", "headers", "x"}); string(got) != "request\x00headers\x00x" {
		t.Fatalf("got %q", got)
	}
}
