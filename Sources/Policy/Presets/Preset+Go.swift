extension Preset {
    static let go = Preset(
        name: "go",
        summary: "go: fetch modules and toolchains through the proxy",
        text: """
        version: 1
        allow:
          - host: proxy.golang.org    # modules, and toolchains as modules
            methods: [GET, HEAD]
            comment: modules
          - host: sum.golang.org      # checksums of modules
            methods: [GET, HEAD]
            comment: checksum database
        # Left out on purpose: fetching from repositories directly (GOPROXY=direct).

        """
    )
}
