extension Preset {
    static let npm = Preset(
        name: "npm",
        summary: "npm, pnpm, yarn: install packages, not publish",
        text: """
        version: 1
        allow:
          - host: registry.npmjs.org     # package descriptions and archives
            methods: [GET, HEAD]         # publishing is PUT
            comment: packages
          - host: registry.yarnpkg.com   # the same registry, under yarn's name
            methods: [GET, HEAD]
            comment: packages
        # Left out on purpose: `npm audit`, which posts the list of dependencies. No paths here: npm asks for scoped packages as
        # /@scope%2fname, and an escaped slash is refused wherever paths are matched.

        """
    )
}
