package abi

import (
	"encoding/binary"
	"errors"
)

// ErrPairs says that a block of pairs from the host is malformed.
var ErrPairs = errors.New("malformed header map")

// EncodePairs serialises names and values: a count, the lengths, then each text with a NUL behind it.
func EncodePairs(pairs [][2]string) []byte {
	size := 4
	for _, pair := range pairs {
		size += 10 + len(pair[0]) + len(pair[1])
	}
	out := make([]byte, 4+8*len(pairs), size)
	binary.LittleEndian.PutUint32(out, uint32(len(pairs)))
	for i, pair := range pairs {
		binary.LittleEndian.PutUint32(out[4+8*i:], uint32(len(pair[0])))
		binary.LittleEndian.PutUint32(out[8+8*i:], uint32(len(pair[1])))
	}
	for _, pair := range pairs {
		out = append(out, pair[0]...)
		out = append(out, 0)
		out = append(out, pair[1]...)
		out = append(out, 0)
	}
	return out
}

// DecodePairs reads what EncodePairs writes; no bytes are an empty list.
func DecodePairs(block []byte) ([][2]string, error) {
	if len(block) == 0 {
		return nil, nil
	}
	if len(block) < 4 {
		return nil, ErrPairs
	}
	count := int(binary.LittleEndian.Uint32(block))
	if count > (len(block)-4)/8 {
		return nil, ErrPairs
	}
	// One copy of all texts; the pairs are parts of it.
	texts := string(block[4+8*count:])
	pairs := make([][2]string, count)
	at := 0
	for i := range pairs {
		for side := range 2 {
			length := int(binary.LittleEndian.Uint32(block[4+8*i+4*side:]))
			if length > len(texts)-at-1 {
				return nil, ErrPairs
			}
			pairs[i][side] = texts[at : at+length]
			at += length + 1
		}
	}
	return pairs, nil
}

// EncodePath joins the segments of a property's path.
func EncodePath(path []string) []byte {
	var out []byte
	for i, segment := range path {
		if i > 0 {
			out = append(out, 0)
		}
		out = append(out, segment...)
	}
	return out
}
