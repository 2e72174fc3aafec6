/// The ruleset files of this folder, carried inside the binary.
package enum Rulesets {
    /// `gateway.nft`: the gateway namespace's whole table.
    package static var gateway: String { String(decoding: PackageResources.gateway_nft, as: UTF8.self) }

    /// `judge-native.nft`: the native queue statement.
    package static var judgeNative: String { String(decoding: PackageResources.judge_native_nft, as: UTF8.self) }
}
