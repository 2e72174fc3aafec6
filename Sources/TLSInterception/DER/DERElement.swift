/// One tag-length-value element, as ranges of the bytes it was read from.
package struct DERElement: Hashable, Sendable {
    package let tag: UInt8
    /// Tag, length and value.
    package let whole: Range<Int>
    /// The value alone.
    package let content: Range<Int>
}
