package import WireFormats

/// Suffixes under which anybody can get a name, so that a wildcard right below one opens the door to everybody.
///
/// Every single label is one. The rest is a choice from the Public Suffix List (publicsuffix.org), ICANN and private
/// section: those that agents' traffic and attackers' drop boxes are seen under. It is a guard against slips, not a
/// registry: an exact host name is always the better rule.
package enum PublicSuffix {
    /// True when strangers can register names below `name`, or below some name below it.
    static func isTooBroad(_ name: String) -> Bool {
        !name.utf8.contains(UInt8(ascii: ".")) || suffixes.contains(name[...]) || parents.contains(name)
    }

    /// The suffix with one label more: the part of a name that one party answers for, everything below it included. A
    /// suffix itself, and a single label, is its own.
    package static func registrableDomain(of name: HostName) -> Substring {
        let text = name.text
        var domain = text[...]
        var rest = domain
        // From the whole name down: the first suffix met is the longest.
        while !suffixes.contains(rest) {
            guard let dot = rest.utf8.firstIndex(of: UInt8(ascii: ".")) else { return domain }
            domain = rest
            rest = rest[rest.utf8.index(after: dot)...]
        }
        return domain
    }

    /// Keyed by slices, so that a suffix of a name is looked up without being copied.
    private static let suffixes = Set((registries + " " + hosting).split(whereSeparator: \.isWhitespace))

    /// Names above a suffix, such as `amazonaws.com` above `s3.amazonaws.com`.
    private static let parents: Set<String> = {
        var result: Set<String> = []
        for suffix in suffixes {
            var rest = suffix
            while let dot = rest.firstIndex(of: ".") {
                rest = rest[rest.index(after: dot)...]
                if rest.contains(".") { result.insert(String(rest)) }
            }
        }
        return result
    }()

    /// Second-level registries of country domains.
    private static let registries = """
        ac.at co.at gv.at or.at com.ar edu.ar gob.ar net.ar org.ar asn.au com.au edu.au gov.au id.au net.au org.au
        com.bd com.br edu.br gov.br net.br org.br com.cn edu.cn gov.cn net.cn org.cn com.co net.co nom.co com.cy
        com.eg com.gh com.gr com.gt com.hk edu.hk gov.hk net.hk org.hk co.id ac.id go.id or.id web.id ac.il co.il
        gov.il net.il org.il ac.in co.in edu.in firm.in gen.in gov.in ind.in net.in nic.in org.in ac.jp ad.jp co.jp
        ed.jp go.jp gr.jp lg.jp ne.jp or.jp ac.ke co.ke go.ke ac.kr co.kr go.kr ne.kr or.kr re.kr com.lb com.mm
        com.mt com.mx edu.mx gob.mx net.mx org.mx com.my edu.my gov.my net.my org.my com.ng ac.nz co.nz geek.nz gen.nz
        govt.nz net.nz org.nz school.nz com.pe com.ph edu.ph gov.ph com.pk edu.pk com.pl edu.pl gov.pl net.pl org.pl
        com.pt com.py com.qa com.ro com.ru msk.ru spb.ru com.sa com.sg edu.sg gov.sg net.sg org.sg com.sv ac.th co.th
        go.th in.th or.th bel.tr com.tr edu.tr gov.tr net.tr org.tr com.tw edu.tw gov.tw idv.tw net.tw org.tw com.ua
        edu.ua gov.ua in.ua kiev.ua net.ua org.ua co.ug ac.uk co.uk gov.uk ltd.uk me.uk net.uk nhs.uk org.uk plc.uk
        sch.uk com.uy com.ve com.vn edu.vn ac.za co.za gov.za net.za org.za web.za co.zw eu.org eu.com uk.com us.com
        de.com gb.net br.com cn.com jpn.com ru.com sa.com se.net uk.net za.com co.com
        """

    /// Hosting, tunnels, storage and function services that hand out names below their own.
    private static let hosting = """

        github.io github.dev githubpreview.dev app.github.dev gitlab.io gitbook.io codeberg.page sourceforge.io
        s3.amazonaws.com s3.us-east-1.amazonaws.com s3.us-east-2.amazonaws.com s3.us-west-1.amazonaws.com
        s3.us-west-2.amazonaws.com s3.eu-west-1.amazonaws.com s3.eu-west-2.amazonaws.com s3.eu-central-1.amazonaws.com
        s3.ap-southeast-1.amazonaws.com s3.ap-northeast-1.amazonaws.com s3-website-us-east-1.amazonaws.com
        compute.amazonaws.com compute-1.amazonaws.com elb.amazonaws.com us-east-1.elb.amazonaws.com
        execute-api.us-east-1.amazonaws.com lambda-url.us-east-1.on.aws on.aws awsapprunner.com elasticbeanstalk.com
        amplifyapp.com cloudfront.net awsglobalaccelerator.com
        pages.dev workers.dev r2.dev trycloudflare.com cloudflarestorage.com r2.cloudflarestorage.com
        vercel.app vercel.dev now.sh netlify.app netlify.com herokuapp.com herokussl.com onrender.com fly.dev
        fly.io railway.app up.railway.app deno.dev deno.net edgecompute.app fastly.net freetls.fastly.net
        global.ssl.fastly.net fastlylb.net akamaized.net akamaihd.net edgesuite.net edgekey.net b-cdn.net
        azurewebsites.net azurestaticapps.net azureedge.net azurefd.net azure-api.net azurecontainer.io
        azurecontainerapps.io cloudapp.net cloudapp.azure.com blob.core.windows.net file.core.windows.net
        queue.core.windows.net table.core.windows.net web.core.windows.net servicebus.windows.net
        trafficmanager.net
        web.app firebaseapp.com firebaseio.com appspot.com run.app a.run.app cloudfunctions.net
        storage.googleapis.com googleusercontent.com blogspot.com translate.goog withgoogle.com
        digitaloceanspaces.com ondigitalocean.app linodeobjects.com backblazeb2.com wasabisys.com scw.cloud
        ngrok.io ngrok.app ngrok.dev ngrok-free.app ngrok-free.dev loca.lt localtunnel.me serveo.net
        localhost.run lhr.life pagekite.me tunnelmole.net bore.pub devtunnels.ms ts.net
        oast.fun oast.live oast.me oast.online oast.pro oast.site interact.sh burpcollaborator.net oastify.com
        requestbin.net pipedream.net webhook.site hookbin.com beeceptor.com mockbin.io
        repl.co replit.app replit.dev glitch.me surge.sh neocities.org 000webhostapp.com stackblitz.io csb.app
        codesandbox.io gitpod.io streamlit.app hf.space pythonanywhere.com render.com koyeb.app
        wordpress.com tumblr.com wixsite.com weebly.com squarespace.com myshopify.com notion.site webflow.io
        nip.io sslip.io xip.io lvh.me duckdns.org dyndns.org no-ip.org noip.com hopto.org ddns.net zapto.org
        freeddns.org dynu.net afraid.org supabase.co supabase.in hasura.app zeabur.app
        """
}
