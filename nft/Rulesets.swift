/// The ruleset files of this folder, carried inside the binary.
package enum Rulesets {
    /// `gateway.nft`: the gateway namespace's whole table.
    package static var gateway: String { text(PackageResources.gateway_nft) }

    /// `judge-native.nft`: the native queue statement.
    package static var judgeNative: String { text(PackageResources.judge_native_nft) }

    /// `host.nft`: the frame of the table for agents of the machine's own namespace.
    package static var host: String { text(PackageResources.host_nft) }

    /// `scope.nft` and its kin: one agent in that table.
    package static var scope: String { text(PackageResources.scope_nft) }
    package static var scopeUser: String { text(PackageResources.scope_user_nft) }
    package static var scopeCgroup: String { text(PackageResources.scope_cgroup_nft) }
    package static var scopeInterface: String { text(PackageResources.scope_interface_nft) }
    package static var scopeBridge: String { text(PackageResources.scope_bridge_nft) }
    package static var scopeNative: String { text(PackageResources.scope_native_nft) }

    /// `seal.nft` and its kin: the table that cuts one agent off.
    package static var seal: String { text(PackageResources.seal_nft) }
    package static var sealServed: String { text(PackageResources.seal_served_nft) }
    package static var sealUser: String { text(PackageResources.seal_user_nft) }
    package static var sealCgroup: String { text(PackageResources.seal_cgroup_nft) }
    package static var sealInterface: String { text(PackageResources.seal_interface_nft) }
    package static var sealBridge: String { text(PackageResources.seal_bridge_nft) }
    package static var sealScope: String { text(PackageResources.seal_scope_nft) }
    package static var sealGateway: String { text(PackageResources.seal_gateway_nft) }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
