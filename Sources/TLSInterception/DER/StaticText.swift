/// Text known when the program was built, so that no peer's bytes can be in it.
package struct StaticText: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    package let description: String

    package init(stringLiteral value: StaticString) {
        description = value.description
    }
}
