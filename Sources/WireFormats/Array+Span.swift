extension [UInt8] {
    /// Copies a span.
    package init(copying span: Span<UInt8>) {
        self = []
        append(copying: span)
    }

    /// Appends a span's bytes in one go.
    package mutating func append(copying span: Span<UInt8>) {
        // SAFETY: the buffer pointer is only read inside the closure, while the span is alive.
        unsafe span.withUnsafeBufferPointer { buffer in unsafe self.append(contentsOf: buffer) }
    }
}
