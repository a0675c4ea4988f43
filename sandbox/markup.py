"""The markup of the sandbox's pages, copied from recorded Google pages of 2026-01/02 and cut down to what a reader goes by.

Filled with `str.format`; every value is escaped before it comes here.
"""

#: The mark for machines, in the head of every page, and the one for people.
MARK = '<meta name="generator" content="Trawl sandbox">'
BANNER = '<div id="sandbox-note" style="background:#fd6;padding:4px">Trawl sandbox: this page is invented, not Google\'s</div>'

PAGE = """<!doctype html>
<html itemscope itemtype="http://schema.org/SearchResultsPage" lang="{language}">
<head><meta charset="UTF-8">{mark}<title>{title}</title></head>
<body jsmodel="hspDDf">{banner}
{body}
</body></html>
"""

RESULTS = """<div id="appbar"><div id="result-stats">About {total} results<nobr> (0.{hundredths}s)&nbsp;</nobr></div></div>
<div id="rcnt" class="GyAeWb"><div id="center_col" class="s6JM6d" role="main">
<div id="taw"><div id="tvcap">{ads}</div></div>
<div id="res"><div id="topstuff"></div><div id="search"><div data-hveid="CAoQCQ"><h1 class="bNg8Rb">Search Results</h1>
<div class="dURPMd" id="rso" data-async-context="query:{text}">{overview}
{blocks}
</div></div></div></div>
<div id="botstuff"><div id="bres">{related}</div><div role="navigation">{next}</div></div>
</div></div>"""

ORGANIC = """<div class="MjjYud"><div class="A6K0A" data-rpos="{place}">\
<div jscontroller="SC7lYd" class="wHYlTd Ww4FFb tF2Cxc asEBEc vt6azd" lang="{language}">
<div class="N54PNb BToiNc" data-snc="DC8eye"><div class="kb0PBd A9Y9g jGGQ5e" data-snf="x5WNvb" data-snhf="0">
<div class="yuRUbf"><div class="b8lM7"><span class="V9tjod"><a jsname="UWckNb" class="zReHs" href="{href}"{ping}>{heading}<br>\
<div class="notranslate ESMNde HGLrXd ojE3Fb">{green}</div></a></span>
<div class="B6fmyf byrV5b Mg1HEd"><div class="HGLrXd ojE3Fb">{green}</div></div></div></div></div>
<div class="kb0PBd A9Y9g" data-snf="nke7rc" data-sncf="1">
<div class="VwiC3b yXK7lf p4wth r025kc Hdw6tb"><span>{snippet}</span></div></div>
</div></div></div></div>"""

HEADING = '<h3 class="LC20lb MBeuO DKV0Md">{title}</h3>'

GREEN = """<div class="q0vns"><div class="CA5RN"><div><span class="VuuXrf">{site}</span></div><div class="byrV5b">\
<cite class="qLRx3b tjvcx GvPZzd cHaqb" role="text">{head}{trail}</cite></div></div></div>"""

TRAIL = '<span class="ylgVCe ob9lvb" role="text"> › {crumbs}</span>'

BLOCK = '<div class="MjjYud"><div class="A6K0A" data-rpos="{place}">{inner}</div></div>'

BLOCK_HEADING = '<span class="mgAbYb RES9jf YC72Wc IFnjPb JGD2rd" aria-level="2" role="heading"><span>{title}</span></span>'

QUESTIONS = '<div jscontroller="Da4hkd" class="cUnQKe" data-initq="{text}">{heading}<div class="LQCGqc">{pairs}</div></div>'

QUESTION = """<div jsname="yEVEwb"><div class="wQiwMc related-question-pair" data-q="{asked}"><div class="dnXCYb" role="button" \
aria-expanded="false"><span class="JCzEY tNxQIb"><span class="CSkcDe">{asked}</span></span></div>{answer}</div></div>"""

#: An answer that was opened: its link looks like an organic result and is none.
ANSWER = """<div class="bCOlv"><div class="wDYxhc"><span>It depends.</span></div><div class="yuRUbf"><a class="zReHs" \
href="https://answers.example/{slug}"><h3 class="LC20lb MBeuO DKV0Md">{title} in Short</h3></a></div></div>"""

VIDEOS = '<div class="uVMCKf">{heading}<div jsname="wRSfy">{cards}</div></div>'

VIDEO = """<div jsname="TFTr6" class="sHEJob"><a class="rIRoqf" href="https://www.youtube.com/watch?v=sandbox{number}">\
<div class="V5XKdd" aria-level="3" role="heading"><div class="tNxQIb ynAwRc OSrXXb">{title}, part {number}</div></div>\
<span class="Sg4azc">YouTube</span></a></div>"""

ADS = '<div id="tads" aria-label="Ads"><h1 class="bNg8Rb">Sponsored results</h1>{ads}</div>'

AD = """<div class="uEierd" data-text-ad="1" data-ta-slot="0"><a class="sVXRqc" data-rw="https://www.google.com/aclk" \
href="https://shop{number}.example/?ad={number}"><div class="CCgQ5 vCa9Yd" role="heading" aria-level="3"><span>{title} on Sale\
</span></div><span class="x2VHCd">https://shop{number}.example</span></a></div>"""

OVERVIEW = """<div data-mcpr="" class="YzCcne" data-mcp="18"><h1>AI Overview</h1><div data-subtree="aimc" class="FkX2oe">\
An AI Overview is not available for this search</div></div>"""

RELATED = '<div class="MjjYud"><div class="cUnQKe RTaUke">{heading}<div>{links}</div></div></div>'

RELATED_LINK = '<a class="ngTNl" href="/search?q={query}&amp;sa=X"><span class="dg6jd b2Rnsc">{line}</span></a>'

NEXT = '<a class="LLNLxf" href="/search?q={query}&amp;start={start}&amp;sa=N" id="pnnext"><span>Next</span></a>'

NO_RESULTS = """<div id="rcnt" class="GyAeWb"><div id="center_col" class="s6JM6d"><div id="taw"></div><div id="res" role="main">
<div id="topstuff"><div class="mnr-c"><div class="card-section"><p aria-level="3" role="heading" style="padding-top:.33em">\
Your search - <span><em>{text}</em></span> - did not match any documents.</p><p>Suggestions:</p>
<ul><li>Make sure all words are spelled correctly.</li><li>Try different keywords.</li><li>Try more general keywords.</li></ul>
</div></div></div><div id="search"></div></div><div id="bottomads"></div><div id="botstuff"></div></div></div>"""

CAPTCHA = """<div style="max-width:400px"><hr noshade size="1"><br><form id="captcha-form" action="index" method="post">
<div id="recaptcha" class="g-recaptcha" data-sitekey="sandbox" data-callback="submitCallback"></div>
<input type="hidden" name="continue" value="{url}"></form><hr noshade size="1"><div><b>About this page</b><br><br>
Our systems have detected unusual traffic from your computer network. This page checks to see if it&#39;s really you sending the
requests, and not a robot.</div></div>"""

JS_REQUIRED = """<noscript><style>table,div,span,p{{display:none}}</style>
<meta http-equiv="refresh" content="0;url=/httpservice/retry/enablejs?sei=sandbox">
<div style="display:block">Please click <a href="/httpservice/retry/enablejs?sei=sandbox">here</a> if you are not redirected
within a few seconds.</div></noscript><div id="main"></div>"""

CONSENT = """<div><h1>Before you continue to Google</h1><p>We use cookies and data to deliver and maintain Google services.</p>
<form action="https://consent.google.com/save" method="POST"><input type="hidden" name="continue" value="{url}">
<button>Reject all</button></form>
<form action="https://consent.google.com/save" method="POST"><input type="hidden" name="continue" value="{url}">
<button>Accept all</button></form></div>"""
