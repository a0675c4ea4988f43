"""What we add to rq-dashboard's pages: long texts wrap, a failed request is said, and what a requeue did as well."""

from web.dashboard import compiled

#: For phones: nothing is wider than the page.
STYLE = """<style nonce="{{ g.rq_nonce }}">
pre, td, p, .section, h2 { overflow-wrap: anywhere } pre { white-space: pre-wrap } .section { padding: 1em }
#queues th, #queues td { overflow-wrap: normal } p.fixed.intro { height: auto }
[data-side=right] { float: right; margin-right: 8px } .off { display: none }
#trawl-says { display: none; padding: .5em 1em; background: #fff3cd; border-bottom: 1px solid #997404; color: #332701 }
#trawl-says.on { display: block } .pagination { flex-wrap: wrap }
@media (max-width: 600px) { #filter-form { flex-direction: column } .ellipsify { white-space: normal } .col-6, .col-10, .col-2 {
  flex: 0 0 100%; max-width: 100% } }
</style>
"""

#: Where it is said; read out by screen readers.
BANNER = '<div id="trawl-says" role="status" aria-live="polite"></div>'

#: Says what went wrong, and takes it back when a later request of the same kind goes well.
SCRIPT = (
    f"""
{compiled.MARK}
"""
    + """
(function ($) {
    var $says = $('#trawl-says'), kept = false;
    var say = function (text) { $says.text(text).toggleClass('on', text !== ''); };
    var ours = function (settings) { return settings.type === 'POST' || /\\.json$/.test(settings.url); };
    $(document).ajaxError(function (event, xhr, settings) {
        if (!ours(settings)) { return; }
        var told = xhr.responseJSON || {};
        var what = xhr.status === 401 ? 'You are logged out: load this page again.' : told.detail || 'No answer from Trawl.';
        say(what + (settings.type === 'GET' ? ' The figures below are old.' : ''));
    }).ajaxSuccess(function (event, xhr, settings) {
        if (!ours(settings)) { return; }
        var told = xhr.responseJSON || {};
        if (settings.type === 'POST') { kept = true; say(told.says || ''); } else if (!kept) { say(''); }
    });
})($);
"""
)

#: RQ's compact moves ids one by one; a crash loses them. The button goes.
COMPACT = """        {% if registry_name == 'queued' %}
        <a href="{{ url_for('rq_dashboard.compact_queue', queue_name=queue.name) }}" id="compact-btn"
            class="btn btn-outline-success btn-sm" style="float: right; margin-right: 8px;" data-toggle="tooltip"
            title="Remove all stale jobs from this queue (non-destructive)">Compact</a>
        {% endif %}
"""
