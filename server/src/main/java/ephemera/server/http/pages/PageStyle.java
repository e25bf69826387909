package ephemera.server.http.pages;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/**
 * The one style sheet of all pages, and the content security policy that allows it and nothing else.
 *
 * <p>Colours have a contrast of at least 4.5 to 1 in both schemes.
 */
final class PageStyle {

    /** The style sheet; it contains no character that HTML would have to escape. */
    static final String CSS = """
            :root {
              color-scheme: light dark;
              --page: #fbfbfa; --card: #ffffff; --ink: #1d2126; --soft: #59616b; --line: #dfe2e5; --code: #f1f3f4;
              --link: #0a58b8; --band: #14323f; --band-ink: #f3f8fa; --band-soft: #b9d0da;
              --get: #0b5f9e; --post: #1c6b36; --put: #8a4b00; --delete: #ad2323; --patch: #6a3fa0;
              --badge: #ffffff; --required: #9a3412;
            }
            @media (prefers-color-scheme: dark) {
              :root {
                --page: #14171a; --card: #1b1f23; --ink: #e4e7ea; --soft: #a3acb5; --line: #343a41; --code: #24292f;
                --link: #7fb8ff; --band: #0d222b; --band-ink: #eef5f8; --band-soft: #a9c4cf;
                --get: #7cc0f5; --post: #85d49b; --put: #f0b36b; --delete: #ff9d96; --patch: #c8a8f5;
                --badge: #14171a; --required: #ffb08a;
              }
            }
            * { box-sizing: border-box; }
            html { scroll-padding-top: 1rem; -webkit-text-size-adjust: 100%; }
            body { margin: 0; background: var(--page); color: var(--ink);
              font: 1rem/1.55 system-ui, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif; }
            a { color: var(--link); text-underline-offset: .15em; }
            :focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
            code, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
            code { font-size: .875em; overflow-wrap: anywhere; }
            pre { margin: .5rem 0; padding: .8rem 1rem; background: var(--code); border: 1px solid var(--line);
              border-radius: 6px; white-space: pre-wrap; overflow-wrap: anywhere; font-size: .9rem; line-height: 1.45; }
            p code, dd code, li code { background: var(--code); border-radius: 3px; padding: .1em .3em; }
            pre code, dd pre code { background: none; padding: 0; font-size: inherit; }
            h1, h2, h3, h4 { line-height: 1.25; text-wrap: balance; }
            h1 { margin: 0; font-size: clamp(1.6rem, 5vw, 2.2rem); }
            h2 { margin: 3.5rem 0 .6rem; font-size: 1.6rem; }
            h3 { margin: 1.6rem 0 .4rem; font-size: 1.15rem; }
            h4 { margin: 1.4rem 0 .4rem; font-size: .95rem; }
            p, ul, ol, dl { margin: .5rem 0; }
            .skip { position: absolute; left: -100vw; top: 0; padding: .6rem 1rem;
              background: var(--card); z-index: 2; }
            .skip:focus { left: 0; }
            header { background: var(--band); color: var(--band-ink); }
            header div { max-width: 78rem; margin: 0 auto; padding: 2rem 1.25rem 1.6rem; }
            header a { color: inherit; }
            header :focus-visible { outline-color: currentColor; }
            .lead { margin: .4rem 0 .8rem; max-width: 46rem; font-size: 1.1rem; }
            .facts { display: flex; flex-wrap: wrap; gap: .2rem 1.4rem; margin: 0; padding: 0; list-style: none;
              color: var(--band-soft); }
            .columns { max-width: 78rem; margin: 0 auto; padding: 0 1.25rem 4rem; }
            main { min-width: 0; }
            main section:first-child h2, .doors h2 { margin-top: 1.6rem; }
            nav { padding: 1rem 0; border-bottom: 1px solid var(--line); }
            nav ul { display: flex; flex-wrap: wrap; gap: .4rem; margin: 0; padding: 0; list-style: none; }
            nav a { display: block; padding: .35rem .7rem; border: 1px solid var(--line); border-radius: 999px;
              background: var(--card); text-decoration: none; }
            nav .operations { display: none; }
            .overview { margin: .8rem 0; padding: 0; list-style: none; }
            ul.overview a { display: flex; gap: .6rem; align-items: baseline; padding: .3rem 0; text-decoration: none; }
            .operation { margin: 1.4rem 0; padding: .2rem 1.1rem 1.1rem; background: var(--card);
              border: 1px solid var(--line); border-radius: 8px; }
            .operation h3 { margin-top: 1rem; font-size: 1.2rem; }
            .route { font-size: 1.02rem; }
            .route code { background: none; padding: 0; font-weight: 600; }
            .method { display: inline-block; min-width: 3.9rem; padding: .12rem .4rem; border-radius: 4px;
              background: var(--soft); color: var(--badge); font-size: .72rem; font-weight: 700; letter-spacing: .03em;
              text-align: center; flex: none; }
            .get { background: var(--get); } .post { background: var(--post); } .put { background: var(--put); }
            .delete { background: var(--delete); } .patch { background: var(--patch); }
            .signed { color: var(--soft); font-size: .92rem; }
            .fields { border-top: 1px solid var(--line); font-size: .94rem; }
            .fields div { padding: .45rem 0; border-bottom: 1px solid var(--line); }
            .fields dt code { padding: 0; background: none; font-weight: 600; }
            .fields dd { margin: .1rem 0 0; }
            .fields div:target { background: var(--code); }
            .type { color: var(--soft); }
            .place, .required { font-size: .76rem; color: var(--soft); white-space: nowrap; }
            .required { color: var(--required); font-weight: 600; }
            .answers div { margin: .4rem 0; }
            .answers dd { margin: 0; }
            .answers dd p:first-child { margin-top: 0; }
            .status { display: inline-block; font-weight: 700; }
            .good { color: var(--post); } .bad { color: var(--delete); }
            .shared { display: flex; flex-wrap: wrap; gap: .3rem .9rem; padding: 0; list-style: none;
              font-size: .9rem; }
            .shared a { color: var(--soft); text-decoration-color: var(--line); }
            .small { padding: .1rem 0 1rem; border-bottom: 1px solid var(--line); }
            .small:target { border-left: 4px solid var(--link); padding-left: .8rem; }
            .operation:target { border-color: var(--link); }
            details { margin: .4rem 0; }
            summary { cursor: pointer; color: var(--link); font-size: .94rem; }
            .doors { padding: 0; list-style: none; }
            @media (min-width: 62rem) {
              .columns { display: grid; grid-template-columns: 18.5rem minmax(0, 1fr); gap: 2.5rem; }
              .columns.single { display: block; }
              nav { position: sticky; top: 0; align-self: start; max-height: 100vh; overflow-y: auto; padding: 1.6rem 0;
                border: 0; font-size: .92rem; }
              nav ul { display: block; }
              nav a { padding: .22rem .4rem; border: 0; border-radius: 4px; background: none; font-weight: 600; }
              nav a:hover { background: var(--code); }
              nav .operations { display: block; margin: 0 0 .5rem; }
              nav .operations a { display: flex; gap: .5rem; align-items: baseline; font-weight: 400;
                color: var(--ink); }
              nav .method { flex: none; width: 3.6rem; min-width: 0; font-size: .6rem; }
              ul.overview { display: none; }
              .fields div { display: grid; grid-template-columns: minmax(11rem, 16rem) minmax(0, 1fr); gap: 1.2rem; }
              .fields dd { margin: 0; }
              .answers > div { display: grid; grid-template-columns: 3rem minmax(0, 1fr); }
              .answers .fields div { grid-template-columns: minmax(9rem, 13rem) minmax(0, 1fr); }
            }
            @media print {
              nav, .skip { display: none; }
              .operation { break-inside: avoid-page; }
            }
            """;

    /** The policy of every page. */
    static final String POLICY = "default-src 'none'; style-src '" + hash(CSS)
            + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private PageStyle() {}

    private static String hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return "sha256-" + Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
