// swift-tools-version: 6.2
import PackageDescription

/// The whole package is written in Swift 6 language mode with strict memory safety; a warning is an error.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]


let package = Package(
    name: "portcullis",
    products: [
        .executable(name: "portcullis", targets: ["portcullis"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // C: thin headers and shims, one Swift importer each.
        .target(name: "CLinux"),
        .target(
            name: "CNetfilter",
            linkerSettings: [.linkedLibrary("nftables")]
        ),

        // Pure: bytes to values and back. No I/O, no clock, no C.
        .target(name: "WireFormats", swiftSettings: strict),
        .target(
            name: "Policy",
            dependencies: ["WireFormats", .product(name: "Yams", package: "Yams")],
            swiftSettings: strict
        ),
        .target(name: "GatewayCore", dependencies: ["Policy", "WireFormats"], swiftSettings: strict),

        // The kernel and the ruleset files.
        .target(
            name: "Rulesets",
            path: "nft",
            resources: [
                .embedInCode("gateway.nft"), .embedInCode("judge-native.nft"), .embedInCode("host.nft"),
                .embedInCode("scope.nft"), .embedInCode("scope-user.nft"), .embedInCode("scope-cgroup.nft"),
                .embedInCode("scope-interface.nft"), .embedInCode("scope-bridge.nft"), .embedInCode("scope-native.nft"),
                .embedInCode("seal.nft"), .embedInCode("seal-served.nft"), .embedInCode("seal-user.nft"), .embedInCode("seal-cgroup.nft"),
                .embedInCode("seal-interface.nft"), .embedInCode("seal-bridge.nft"), .embedInCode("seal-scope.nft"),
                .embedInCode("seal-gateway.nft"),
            ],
            swiftSettings: [.swiftLanguageMode(.v6)]
        ),
        .target(
            name: "LinuxKernel",
            dependencies: ["CLinux", "CNetfilter", "Rulesets", "WireFormats"],
            swiftSettings: strict
        ),

        // The shell: sockets, threads, roles.
        .target(
            name: "GatewayRuntime",
            dependencies: [
                "GatewayCore", "LinuxKernel", "Policy", "TLSInterception", "WireFormats",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "portcullis",
            dependencies: [
                "GatewayRuntime", "LinuxKernel", "Policy", "WireFormats",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict
        ),

        // OpenSSL 3 (libssl-dev): the macros, callbacks and hot paths that Swift cannot call itself.
        .target(name: "COpenSSL", linkerSettings: [.linkedLibrary("ssl"), .linkedLibrary("crypto")]),
        .target(name: "TLSInterception", dependencies: ["COpenSSL", "WireFormats"], swiftSettings: strict),

        // Counts of allocations, as a gate: `make test-counts`.
        .target(name: "CAllocationCounter", path: "Benchmarks/CAllocationCounter"),
        .executableTarget(
            name: "allocations",
            dependencies: ["CAllocationCounter", "GatewayCore", "GatewayRuntime", "LinuxKernel", "Policy", "WireFormats"],
            path: "Benchmarks/Allocations",
            swiftSettings: strict
        ),

        // Tests.
        .target(name: "TestSupport", dependencies: ["WireFormats"], path: "Tests/TestSupport", swiftSettings: strict),
        .testTarget(name: "WireFormatsTests", dependencies: ["TestSupport", "WireFormats"], swiftSettings: strict),
        .testTarget(name: "LinuxKernelTests", dependencies: ["LinuxKernel", "WireFormats"], swiftSettings: strict),
        .testTarget(
            name: "GatewayRuntimeTests",
            dependencies: ["GatewayCore", "GatewayRuntime", "LinuxKernel", "Policy", "TLSInterception", "WireFormats"],
            swiftSettings: strict
        ),
        .testTarget(name: "ArchitectureTests", swiftSettings: strict),
        .testTarget(
            name: "FuzzTargets",
            dependencies: ["FuzzEntryPoints", "TestSupport"],
            exclude: ["Corpus"],
            swiftSettings: strict
        ),
        .target(
            name: "FuzzEntryPoints",
            dependencies: ["GatewayCore", "Policy", "TestSupport", "WireFormats"],
            path: "Tests/FuzzEntryPoints",
            swiftSettings: strict
        ),
        .testTarget(
            name: "GatewayCoreTests",
            dependencies: ["GatewayCore", "Policy", "Rulesets", "TLSInterception", "TestSupport", "WireFormats"],
            swiftSettings: strict
        ),
        .testTarget(name: "PolicyTests", dependencies: ["Policy", "WireFormats"], swiftSettings: strict),
        .target(name: "COpenSSLTesting", dependencies: ["COpenSSL"], path: "Tests/COpenSSLTesting"),
        .testTarget(
            name: "TLSInterceptionTests",
            dependencies: ["COpenSSL", "COpenSSLTesting", "TLSInterception", "TestSupport", "WireFormats"],
            swiftSettings: strict
        ),
    ]
)

// The same entry points under libFuzzer; see Tests/Fuzzer/Fuzzer.swift.
if Context.environment["PORTCULLIS_LIBFUZZER"] != nil {
    package.targets += [
        .target(name: "CFuzzer", path: "Tests/CFuzzer"),
        .executableTarget(
            name: "fuzzer", dependencies: ["CFuzzer", "FuzzEntryPoints"], path: "Tests/Fuzzer", swiftSettings: strict),
    ]
}
