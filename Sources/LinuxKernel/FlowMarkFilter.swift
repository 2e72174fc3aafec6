/// Marks that are meant: those which are `value` in the bits of `mask`.
package struct FlowMarkFilter: Hashable, Sendable {
    package var value: UInt32
    package var mask: UInt32

    package init(value: UInt32, mask: UInt32) {
        self.value = value
        self.mask = mask
    }

    package func contains(_ mark: UInt32) -> Bool { mark & mask == value & mask }
}
