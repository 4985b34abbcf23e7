package abi

import "unsafe"

// Blocks that the host asked for and nobody has taken yet: the garbage collector must not free them.
var untaken [][]byte

// AllocateBlock gives the host memory of this guest. The size is never 0.
func AllocateBlock(size uint32) unsafe.Pointer {
	block := make([]byte, size)
	untaken = append(untaken, block)
	return unsafe.Pointer(unsafe.SliceData(block))
}

// take returns the block that a host function gave, which is then the caller's; nil for none.
func take(data unsafe.Pointer, size uint32) []byte {
	if data == nil || size == 0 {
		return nil
	}
	for i := len(untaken) - 1; i >= 0; i-- {
		if block := untaken[i]; unsafe.Pointer(unsafe.SliceData(block)) == data {
			untaken = append(untaken[:i], untaken[i+1:]...)
			return block[:size]
		}
	}
	return nil
}

func bytesPointer(b []byte) (unsafe.Pointer, uint32) {
	return unsafe.Pointer(unsafe.SliceData(b)), uint32(len(b))
}

func textPointer(s string) (unsafe.Pointer, uint32) {
	return unsafe.Pointer(unsafe.StringData(s)), uint32(len(s))
}
