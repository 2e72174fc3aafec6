import WireFormats

/// Names of public resolvers that are asked inside HTTPS, TLS or QUIC (DoH, DoT, DoQ).
///
/// Whoever can reach one resolves any name past the gateway, and has a way out for data. A broad rule that happens to
/// cover one does not open it: only a rule that names it does.
///
/// A choice: the resolvers of browsers' and systems' menus, of the public lists (dnscrypt.info, the curl wiki), and those
/// that agents have been seen to try. A resolver on a name of its own is found by what is said to it instead; see
/// ``CompiledPolicy/namesEncryptedResolver(_:)``.
enum EncryptedResolvers {
    /// The entry that covers `name`: itself or a name above it.
    static func entry(covering name: HostName) -> Substring? {
        var rest = name.text[...]
        while true {
            if names.contains(rest) { return rest }
            guard let dot = rest.utf8.firstIndex(of: UInt8(ascii: ".")) else { return nil }
            rest = rest[rest.utf8.index(after: dot)...]
        }
    }

    /// Keyed by slices, so that a suffix is looked up without being copied. An entry covers what is below it; a domain stands
    /// here whole where resolving is all that its owner does with it.
    private static let names = Set(list.split(whereSeparator: \.isWhitespace))

    private static let list = """
        dns.google dns64.dns.google google-public-dns-a.google.com google-public-dns-b.google.com
        cloudflare-dns.com one.one.one.one 1dot1dot1dot1.com cloudflare-gateway.com
        quad9.net opendns.com dns.umbrella.com doh.umbrella.com
        adguard-dns.com adguard-dns.io dns.adguard.com dns-family.adguard.com dns-unfiltered.adguard.com
        cleanbrowsing.org nextdns.io controld.com dns.mullvad.net doh.mullvad.net dns.sb doh.sb dot.sb
        joindns4.eu dns4eu.online dns0.eu
        dns.alidns.com doh.pub dot.pub dns.pub doh.360.cn dot.360.cn dns.rubyfish.cn dns.twnic.tw doh.apad.pro
        dns.cfiec.net doh-fi.blahdns.com blahdns.com public.dns.iij.jp dns.tuna.tsinghua.edu.cn iqdns.xyz
        dns.switch.ch dns.digitale-gesellschaft.ch dns.digitalcourage.de dns2.digitalcourage.de dns3.digitalcourage.de
        doh.ffmuc.net dot.ffmuc.net dnsforge.de dns.telekom.de dns.t53.de fdns1.dismail.de fdns2.dismail.de
        doh.applied-privacy.net dot1.applied-privacy.net odvr.nic.cz doh.nic.cz dns.nic.cz kaitain.restena.lu
        dns.njal.la dns.hostux.net doh.li doh.libredns.gr doh.libredns.org doh.disconnect.app doh.powerdns.org
        doh.securedns.eu dot.securedns.eu doh.seby.io dot.seby.io doh.crypto.sx doh.tiar.app dot.tiar.app doh.tiarap.org
        jp.tiar.app jp.tiarap.org dns.aa.net.uk dns.comss.one router.comss.one dns.oszx.co dns.pumplex.com dns.decloudus.com
        ahadns.net blitz.ahadns.com pi-dns.com doh.bortzmeyer.fr dot.bortzmeyer.fr dns.neutopia.org dns.flatuslifir.is
        ordns.he.net dns.brahma.world dns.dns-over-https.com dns.dnsoverhttps.net dohdot.coxlab.net commons.host
        wikimedia-dns.org doh.xfinity.com dot.xfinity.com doh.cox.net dot.cox.net doh.centurylink.com
        canadianshield.cira.ca
        doh.dns.apple.com doh.dns.apple.com.v.aaplimg.com
        doh.safesurfer.io dns.safesurfer.io doh.quickline.ch doh.internet4.nl unicast.censurfridns.dk
        anycast.censurfridns.dk anycast.uncensoreddns.org unicast.uncensoreddns.org resolver-eu.lelux.fi
        dns.containerpi.com dns.233py.com dns-nyc.aaflalo.me dns.aaflalo.me doh.42l.fr doh.dnslify.com
        dns.jupitrdns.net doh.ibksturm.synology.me dns.nordvpn.com
        dns.surfsharkdns.com dns.bebasid.com dns.whalebone.io dns.levonet.sk
        dns.froth.zone dns.rabbitdns.org rabbitdns.org doh.wevpn.com dns.artikel10.org dnspub.restena.lu rdns.faelix.net
        pdns.faelix.net dns.circl.lu dns.belnet.be dns.fdn.fr ns0.fdn.fr ns1.fdn.fr doh.dnscrypt.uk v.dnscrypt.uk
        odoh.crypto.sx
        """
}
