/// What a head parser says of the bytes so far.
package enum HTTP1ParseResult<Head: Sendable>: Sendable {
    /// The head is not complete. Call again with the same bytes and more behind them, and with this `scanFrom`.
    case needMore(scanFrom: Int)
    /// The head, and how many bytes it took.
    case head(Head, consumed: Int)
}
