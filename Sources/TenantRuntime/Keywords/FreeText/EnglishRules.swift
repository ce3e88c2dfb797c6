/// English, always read. `FreeTextRules` says how a phrase is written.
extension FreeTextRules {
  static let english: [FreeTextRule] = [
    FreeTextRule(
      "stop",
      """
      ^^ {stop}|unsubscribe|cancel|end|revoke|optout|stopall|enough|remove|unstart {stop}|all|it|this|that|them|these|\
      me|everything|txt*4 $$
      ^ STOP $
      ^^ stop to|2 end|quit|optout|unsubscribe|cancel $$
      god|gods|sake|christ|interested|customer|yall|people|folks|seriously stop $.
      < {stop} $.
      please {stop} >
      please {stop} it|this|that|these|them|all >
      {stop} please $
      ^ stop this|these|that|them|all|everything|it $.
      ^ stop it|this already|now
      make|get it|this|these|them stop >
      make|get {det}*3 texts|messages|alerts|notifications|spam stop >
      ^ stop ~ i said|mean|am|dont|never|have|didnt
      ^ stop ~ do|dont|you|no|leave|remove|take|who|wrong|not|we
      """, unlessAfter: ["{negated} {soft}*2", "bus|non|one|full|pit|next|train|last", "cant|wont *2"]),
    FreeTextRule(
      "asked-to-stop",
      """
      said|asked|told|want|like|need *2 to? stop >
      said|texted|replied|sent|typed|wrote|say|saying|put|texting|replying stop|unsubscribe >
      said|texted|replied|sent|typed|wrote stop|unsubscribe *2 times|twice|already|before|yesterday
      said|texted|replied|sent|typed|wrote stop ~ and|but you|yall|i|still|they|keep|why|u
      when|why will|wont|dont|cant|would you|u|yall|they|this|these stop
      would|could|can|will you|u|yall please stop >
      """, unlessAfter: ["{negated} {soft}*2", "if *2"]),
    FreeTextRule(
      "asked-to-stop",
      """
      texting|replying|typing|sending|saying stop ~ and|but you|yall|i|still|they|keep|why|u
      how many times *6 stop
      have|need to reply|text|say|type|send stop
      if you|u|yall dont|wont {stop} {texting}|{contact}|these|this|it
      take|remove me of your|ur|the|this {det}*2 {list}
      """),
    FreeTextRule(
      "stop-texting",
      """
      {stop} !by|in|at|over|on|and|or|to|off *2 {texting}
      {stop} it? {receive}|{det}*4 {texts}
      {stop} receiving|getting *3 this|these|from
      {stop} send *2 {texts}|me|us|this|these
      {stop} {contact} *1 me|us|my|this
      {stop} text|txt|message|msg >
      end {det}*2 texts|messages|alerts|communication
      cease and desist
      im|am|were|are done with|getting|receiving {det}*4 {texts}|this
      {dont} text|message|contact it >
      shouldnt be {texting} me|us|this
      how *2 {stop} this|these|those|them|{texting} !leak|leaking|from
      """,
      unlessAfter: [
        "{negated} {soft}*2", "{negated} want|need|like|have *2 to", "did *2", "ill|lets",
        "i will|should|must|may|might|can|could",
      ]),
    FreeTextRule(
      "do-not-text",
      """
      {dont} ever? please? keep? {contact}|contacting|texting|messaging me|us|this|again|anymore|here|ever !back|\
      the|a|an|{hour}
      {dont} ever? please? keep? {contact}|contacting|texting|messaging me|us the|a|an *4 again|anymore|ever
      {dont} ever? please? keep? {contact}|contacting|texting|messaging me|us the|a|an *2 {texts}|crap|shit|stuff|junk
      {dont} ever? {contact} my|the|our|this|on number|phone|cell|line|my
      {dont} ever? {contact} or|and *1 call|email|text|message
      {dont} ever? call|email *1 or|and *1 {contact}
      {dont} text|txt|message|contact|spam|email|harass|solicit >
      {dont} ever? reply|respond *3 again|anymore
      {dont} ever? call|send|write|email *3 again|anymore|ever
      {dont} ever? send *1 this|these|those|anymore|anything|messages|texts|sms|spam|ads|promos|promotions|me >
      {dont} ever? send *2 texts|messages|spam|promotions|promos|alerts|sms|ads|stuff|crap|shit
      {dont} call me|this number|us $
      {dont} call this number
      < {stop}|no {texting} me|us|my
      """,
      unlessAfter: [
        "i|you|they|she|he|u|we|who|why|it|ill|to", "if *1", "you|they|she|he|u|we|it just|still|even|literally",
      ]),
    FreeTextRule(
      "do-not-text",
      """
      can|could|would|will you please? not|{stop} {contact}|contacting|texting|messaging|sending|call|calling me|us|\
      this|my|any|these|>
      can|could|would|will you please? not send *2 {texts}|this|these|anymore
      """),
    FreeTextRule(
      "do-not-want",
      """
      {dont} {want}|wanna|wanting|wish *1 {receive}|{det}|any*5 {texts}|texted|contacted|messaged|spammed|bothered|\
      calls|emails from|>
      {dont} {want}|wanna *1 {receive}|{det}|any*5 texts|messages|texted|contacted|messaged|spammed|notifications|sms|\
      spam|marketing
      {dont} {want}|wanna *1 {receive}? these|this|it|them|any anymore >
      {dont} {want}|wanna to? {receive} these|this|them >
      {dont} {want}|wanna|wish to be on *2 {list}
      longer *1 {want}|wish|interested *1 {receive}|{det}|in|any*5 {texts}|this|these|them|contacted|texted|messaged|\
      on
      longer *1 {want}|wish *1 to? {receive}*3 {texts}|this|these|anything|from
      {dont} {want}|wanna|wish|interested to? hear|hearing from
      not interested in {receive}|{det}|any*5 {texts}
      {dont} {want}|wanna you *1 {texting}|{contact}
      {dont} {want}|wanna you to {contact}|call|send
      rather not get|receive|be *3 {texts}|texted|contacted|these|this
      not texts|messages >
      no desire|interest *1 {receive}|in|{det}*4 {texts}
      {dont} sms|text|txt >
      prefer|rather not to? be? {texts}|texted|contacted|messaged
      """, unlessAfter: ["if|said|why|you *2", "you|they|she|he|u"]),
    FreeTextRule(
      "no-more",
      """
      ^^ no more|anymore {det}*2 {texts}? $$
      no more|further|additional {det}*3 {texts}|calls|emails|messaging
      no more|further of? this|these|those >
      < no {texts} ~ {filler} >
      < no texts|messages|spam|solicitation|solicitations|texting $
      enough|fed with *1 {det}*2 {texts}|this
      enough {det}*2 texts|messages|spam
      enough already $
      dont call|contact list|registry
      sick|tired of {receive}|{det}|{texting}*4 {texts}
      """, unlessAfter: ["have|has|got|get|see|were|is|are|was|there|had|received", "if|did *3"]),
    FreeTextRule(
      "remove",
      """
      remove|delete|drop|erase|scrub|scratch|purge me|us|myself >
      remove|delete|drop|erase|scrub|scratch|purge me|us|myself from|off|of of?|your|{det}|mailing|call|calling|\
      contact*3 {list}
      remove|delete|drop|erase|scrub|scratch|purge my|this|our name|number|phone|cell|info|contact|information|data|\
      digits|mobile !from|on|at|in
      remove|delete|drop|erase|scrub|scratch|purge|take my|this|our name|number|phone|cell|info|contact|mobile *1 \
      from|off|out *4 {list}
      remove|delete number|name
      remove|delete this number
      take|get|keep me|us|my|this *3 off of? {det}*3 {list}|phone|thing
      take|get me|us off >
      take|get my|this number|name|phone off|out
      remove|delete|take|get|removed|deleted from|off of? {det}*2 list|lists|database|system|mailing
      off|from your|ur|the|this *2 list|lists|database !?
      be|get|getting|been removed|deleted|off|taken *2 {det}*2 list|lists|database
      lose|loose|forget my|this|our number|digits|contact
      remove|delete *1 555
      off *1 mailing list|lists
      please remove|delete >
      how *4 off {det}*3 list|lists|this|these|text|texts
      remove|delete 0|1|2|3|4|5|6|7|8|9 from *2 {list}
      """, unlessAfter: ["{negated} {soft}*2", "i|you|they|we|he|she", "if *2"]),
    FreeTextRule(
      "remove",
      """
      want|like|wanna|wish|need|asked|have *2 be|get removed|off|deleted >
      want|wanna out|off $
      want|wanna off {det}*3 {list}
      want|wanna out of {det}*3 {list}
      let me out $
      """, unlessAfter: ["{negated} {soft}*2"]),
    FreeTextRule(
      "unsubscribe",
      """
      unsubscribe !?
      unsubscribe|unsubscribing me|us|my|this
      how|where|can|could *4 unsubscribe !from|a
      want|like|need|wish|wanna to? unsubscribe !from
      unsubscribed $.
      ^^ unsubscribe $$
      how|where|can|could|want|like|wish *4 unsubscribe from {det}*3 {texts}|list|this|these
      """, unlessAfter: ["{negated} {soft}*2", "did|why|was|were|got|get|accidentally|click|link|button|the|an|you *1"]),
    FreeTextRule(
      "opt-out",
      """
      optout >
      optout !of|form|window|period|option|link|{negated}
      optout of {det}|{receive}*4 {texts}|list|this|these
      opt me|us|my *1 out !of
      opt me|us out of {det}*3 {texts}|list|this
      """, unlessAfter: ["{negated} {soft}*2", "did|why|was|were|accidentally|the|an|is|if|yet|after|having *1"]),
    FreeTextRule(
      "cancel-texts",
      """
      cancel|deactivate|disable {det}*3 texts|messages|alerts|sms|notifications|updates|subscription|text|messaging|\
      reminders !from|for|message
      turn off {det}*3 texts|messages|alerts|sms|notifications|updates|text|reminders
      turn {det}*2 texts|messages|alerts|notifications|these|this off
      cancel|revoke|withdraw *1 {det}*2 consent|permission|authorization
      block|mute {det}*3 texts|messages
      """, unlessAfter: ["{negated} {soft}*2", "did|if *2"]),
    FreeTextRule(
      "wrong-number",
      """
      wrong {person} !{verb}|of|for|on|in|to|at|when|by|from !?
      have|got|reached|reaching|texting|texted|contacting the wrong {person} !of|for|on|when|at|by
      ^ wrong {person} !{verb}|of|for|on|in|to|at|when|by|from
      """,
      unlessAfter: [
        "is|do|did|have|had|was this|that|it|i|we", "i|we|me|my|they|he|she *3", "order|tracking|part|account|invoice",
      ]),
    FreeTextRule(
      "not-this-person",
      """
      not *1 {person} *1 you *2 looking|want|need|reach
      not|isnt *3 number|phone anymore
      noone|nobody here|by *3 name|called|named
      noone|nobody *1 by that|this name
      dont know any|anyone|anybody|no *1 by|named|called|with
      dont know *1 who that|this|she|he
      isnt|not my|his|her|their|hers|mine number|phone|name|cell >
      doesnt|dont have|own|use this|that number|phone anymore
      no longer *2 number|phone|cell|has|have|owns|uses|lives *1 this|here|number|phone|anymore
      no longer *1 number|phone >
      you have *1 wrong
      had this number for|since
      this isnt|aint *2 number|phone|cell >
      someone|somebody elses|else number|phone
      number belongs to
      number *2 been reassigned
      has|had|got|have this number|phone now|for years|months
      new number|owner|user of this number
      """, unlessAfter: ["^ is|was *2", "if *2"]),
    FreeTextRule(
      "never-agreed",
      """
      {negated} ever? sign|signed up >
      {negated} ever? sign|signed up for|to this|these|those|that|{receive}|your|any|anything|texts|messages|spam|sms|\
      text|marketing|notifications|alerts|anymore
      {negated} ever? subscribe|subscribed >
      {negated} ever? subscribe|subscribed to|for this|these|that|your|anything|any|{texts}
      {negated} ever? consent|consented|agree|agreed >
      {negated} ever? consent|consented|agree|agreed|opted|opt|asked|ask|request|requested|optin *1 to|for|in \
      {receive}|{det}*2 {texts}|this|these|any|texted|contacted|messaged
      {negated} ever? ask|asked|request|requested for? this|these|your|to {det}*2 be|texts|messages|texting|spam|>
      {negated} ever? give|gave|given *1 you *2 permission|consent|authorization|number
      {negated} ever? give|gave|given permission|consent
      {negated} authorize|authorized *1 you|this|these
      without my consent|permission
      {negated} ever? optin|opted|opt !out
      """, unlessAfter: ["if|why|you *2"]),
    FreeTextRule(
      "never-agreed",
      """
      {negated} have *1 permission|consent to|>
      """, unlessAfter: ["i|we"]),
    FreeTextRule(
      "leave-me-alone",
      """
      leave me|us|my *1 alone !with|in|for !?
      let me|us be >
      ^ go|get|fuck|piss|bugger|buzz|screw|f away|lost|off $
      < fuck|piss off >
      go away $ !?
      get off|outta my phone|back
      kick rocks
      give it a rest
      give me|us a break from
      get|take a hint
      get out of my phone|messages|texts|inbox
      knock it off $
      knock|cut it off|out with {det}*3 {texts}
      """, unlessAfter: ["{negated} {soft}*2", "they|we|i|he|she|it|will|to *1", "will *3"]),
    FreeTextRule(
      "spam-complaint",
      """
      ^^ spam|scam|spammer|spammers {stop}? $$
      this|its|thats|is|are|considered spam|harassment !?
      this|its|thats constitutes? harassing
      you *1 spamming|harassing me|us|people|my
      report|reporting|reported *3 spam|fcc|ftc|harassment|attorney|police|authorities|scam|junk
      report|reporting|reported you|this|u|yall|your >
      complaint *3 fcc|ftc|attorney|bbb
      blocking|blocked|block you|this|u|your|yall|ur !from
      gonna|will|ill|going *2 block you|this|u|your
      ^^ blocked|blocking $$
      ill|will|gonna|to|can sue you|your >
      my lawyer|attorney will
      tcpa
      """, unlessAfter: ["is|are|was|in|my *1", "{negated} {soft}*2", "they|he|she|who"]),
  ]
}
