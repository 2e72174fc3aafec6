extension Preset {
    static let crates = Preset(
        name: "crates",
        summary: "cargo: fetch crates, not publish",
        text: """
        version: 1
        allow:
          - host: index.crates.io     # the sparse index
            methods: [GET, HEAD]
            comment: index
          - host: crates.io           # older download links; publishing is PUT
            methods: [GET, HEAD]
            comment: downloads
          - host: static.crates.io    # archives
            methods: [GET, HEAD]
            comment: crates

        """
    )
}
