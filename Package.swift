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
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // Pure: bytes to values and back. No I/O, no clock, no C.
        .target(name: "WireFormats", swiftSettings: strict),
        .target(
            name: "Policy",
            dependencies: ["WireFormats", .product(name: "Yams", package: "Yams")],
            swiftSettings: strict
        ),
        // OpenSSL 3 (libssl-dev): the macros, callbacks and hot paths that Swift cannot call itself.
        .target(name: "COpenSSL", linkerSettings: [.linkedLibrary("ssl"), .linkedLibrary("crypto")]),
        .target(name: "TLSInterception", dependencies: ["COpenSSL", "WireFormats"], swiftSettings: strict),
        .testTarget(name: "WireFormatsTests", dependencies: ["WireFormats"], swiftSettings: strict),
        .testTarget(name: "PolicyTests", dependencies: ["Policy", "WireFormats"], swiftSettings: strict),
        .target(name: "COpenSSLTesting", dependencies: ["COpenSSL"], path: "Tests/COpenSSLTesting"),
        .testTarget(
            name: "TLSInterceptionTests",
            dependencies: ["COpenSSL", "COpenSSLTesting", "TLSInterception", "WireFormats"],
            swiftSettings: strict
        ),
    ]
)
