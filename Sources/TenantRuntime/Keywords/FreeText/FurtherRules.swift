/// The languages that a tenant switches on, by code.
extension FreeTextRules {
  static let further: [String: [FreeTextRule]] = [
    "fr": [
      FreeTextRule(
        "fr-arreter",
        """
        ^^ arret|arretez|arrete|arreter|stoppez|desabonner|desabonnement|desinscription|desinscrire|resilier|annuler \
        svp|sms|ca|cela|tout|merci*2 $$
        arretez|arrete|arreter|cessez|cesser|stop|stoppez|stopper de|d|avec*1 *1 menvoyer|envoyer|ecrire|mecrire|\
        contacter|harceler|deranger|spammer|textos|sms|messages|texto|relancer
        arretez|arrete|cessez|stop|stoppez *2 messages|sms|textos|pub|publicite|publicites|spam
        ^ ca suffit $
        stop svp|merci
        """),
      FreeTextRule(
        "fr-ne-plus",
        """
        ne plus *1 menvoyer|envoyer|contacter|recevoir|ecrire|mecrire|deranger|etre|solliciter|relancer|messages
        plus de messages|sms|textos|pub|publicite|publicites $
        veux|souhaite|desire|voudrais plus|pas *1 recevoir|de vos|ces|messages|sms|etre
        ne me|m contactez|ecrivez|envoyez|derangez|textez plus|pas|jamais
        ne mecrivez|menvoyez plus|pas|jamais
        nenvoyez plus
        plus recevoir|contacte|contactee *2 messages|sms|vos|par|>
        n y? consens|consenti
        """),
      FreeTextRule(
        "fr-retirer",
        """
        retirez|retirer|enlevez|enlever|supprimez|supprimer|effacez|effacer|otez|rayez|sortez moi|me|mon|ce *1 de|\
        numero|nom|contact|>
        desabonnez|desinscrivez|desabonner|desinscrire|desabonne moi|me|>
        comment *3 desabonner|desabonne|desinscrire|desinscris|arreter
        me desabonner|desinscrire
        """),
      FreeTextRule(
        "fr-numero",
        """
        mauvais|faux numero|personne
        erreur de numero|personne|destinataire
        trompe|trompez|trompes|trompee *1 de numero|personne
        jamais *1 inscrit|inscrite|abonne|abonnee|donne|demande|accepte|autorise
        laissez|laisse|fichez|foutez moi|nous tranquille|la|en
        pas le bon numero
        signaler|signale *2 spam|arcep|cnil|33700
        """),
    ],
    "de": [
      FreeTextRule(
        "de-aufhoeren",
        """
        ^^ stopp|stop|aufhoren|aufhoeren|schluss|abmelden|abbestellen|austragen|kundigen|kuendigen|loschen|loeschen \
        bitte|danke|damit|jetzt|sofort*3 $$
        ^ bitte stop|aufhoren|abmelden|austragen|loschen|loeschen $
        horen|hoeren|hor|hoer|horet sie|bitte|endlich|doch*3 auf mir|mich|damit|mit|zu|>
        schluss mit|damit
        genug mit|von *2 nachrichten|sms|werbung|damit
        """),
      FreeTextRule(
        "de-keine-mehr",
        """
        keine|kein|keinerlei weiteren|weitere|mehr|solche|eure|ihre*2 nachrichten|sms|werbung|textnachrichten|\
        werbenachrichten|spam|newsletter *2 mehr|bitte|senden|schicken|schreiben|>
        schreiben|schreib|schreibt|kontaktieren|kontaktiert|texten|schicken|schickt|senden|belastigen *3 nicht|nichts|\
        keine|nie mehr|wieder
        nicht|nichts mehr|langer *1 schreiben|kontaktieren|kontaktiert|anschreiben|angeschrieben|senden|schicken|\
        erhalten|bekommen|texten
        nie wieder *2 schreiben|kontaktieren|anschreiben|kontaktiert|>
        will|mochte|moechte|wunsche das|diese|sie|keine|die|solche *2 nicht|nachrichten mehr|>
        kontaktieren|schreiben|schreibt sie? mich|mir nicht|nie
        """),
      FreeTextRule(
        "de-loeschen",
        """
        loschen|loeschen|loscht|losch|entfernen|entfernt|streichen|streicht|nehmt|nehmen sie|bitte*2 mich|meine|\
        meinen|diese *3 nummer|namen|daten|verteiler|liste|aus|raus|>
        mich|nummer aus|von *2 liste|verteiler|datenbank
        melden|meldet|meld|tragen|tragt|trag sie|bitte*2 mich *3 ab|aus
        mich abmelden|austragen|abzumelden|abmelde
        wie *3 abmelden|abbestellen|abmelde|austragen
        abbestellen|abmelden|austragen >
        widerrufe|widerruf *2 einwilligung|zustimmung|>
        """),
      FreeTextRule(
        "de-nummer",
        """
        falsche|falschen nummer|person|empfanger
        verwahlt
        lassen|lass|lasst sie|mich|uns|bitte*3 in ruhe
        in ruhe >
        nie|nicht|niemals *2 zugestimmt|angemeldet|bestellt|eingewilligt|abonniert
        nicht *1 meine|seine|ihre nummer
        """),
    ],
    "pt": [
      FreeTextRule(
        "pt-parar",
        """
        ^^ parar|pare|parem|para|sair|chega|basta|cancelar|remover|descadastrar|desinscrever por|favor|ja|com|isso*3 \
        $$
        parem|pare|para|parar|deixem|deixe|chega|pode|podem de|com|parar*3 me? mandar|enviar|mensagem|mensagens|\
        encher|incomodar|perturbar|importunar|sms|ligar|spam|escrever
        nao me? mande|mandem|envie|enviem|manda|incomode|incomodem|perturbe|perturbem|contate|contatem|escreva|\
        escrevam|ligue|liguem *3 mais|mensagem|mensagens|nada|isso|>
        nao quero|desejo|gostaria *2 mais *3 mensagem|mensagens|sms|receber|contato|nada|isso|>
        nao quero|desejo *1 receber
        mensagens|mensagem|sms nunca? mais >
        sem mais mensagens
        nao quero|desejo ser *2 contatado|contatada|incomodado
        """),
      FreeTextRule(
        "pt-remover",
        """
        remova|remover|remove|tire|tira|tirem|retire|retirem|exclua|excluir|apague|apagar|apaguem|removam me|meu|o *1 \
        numero|nome|contato|telefone|cadastro|da|do|desta|dessa
        me remova|remove|tire|tira|tirem|retire|retirem|exclua|descadastre|descadastra|descadastrem
        descadastrar|descadastramento|descadastre
        como *2 cancelo|cancelar|paro|parar|saio|sair *2 mensagens|sms|lista|receber|isso|disso
        sair da|desta|dessa lista
        cancelar|cancele *2 inscricao|mensagens|cadastro|sms
        """),
      FreeTextRule(
        "pt-numero",
        """
        numero|pessoa|telefone errado|errada
        engano $
        e|foi engano
        nao e|sou esse|essa|este|esta|o|a *1 pessoa|numero|fulano|dono
        me deixa|deixe|deixem em paz
        em paz >
        nunca|nao *2 autorizei|cadastrei|inscrevi|pedi|assinei|concordei
        vou *1 denunciar|bloquear|processar
        nao conheco *3 >
        """),
    ],
    "it": [
      FreeTextRule(
        "it-basta",
        """
        ^^ basta|fermati|fermatevi|smettila|smettetela|stop|cancellami|disiscrivimi|annulla cosi|per|favore|grazie*3 \
        $$
        basta con|di|questi|i|mandarmi|inviarmi*3 messaggi|sms|pubblicita|spam|mandarmi|inviarmi|scrivermi
        smettete|smetta|smetti|smettetela|smettila|finitela|piantatela di|con *2 mandarmi|inviarmi|scrivermi|messaggi|\
        sms|disturbarmi|contattarmi|disturbare|tormentarmi
        non voglio|desidero|vorrei piu *2 messaggi|sms|ricevere|essere|riceverli
        non voglio|desidero|vorrei ricevere|essere
        non mi|ci mandate|inviate|scrivete|contattate|disturbate|scrivere|mandare|contattare|scriva|contatti *3 piu|\
        messaggi|>
        non scrivetemi|contattatemi|mandatemi|scrivermi|contattarmi|disturbatemi
        niente|nessun piu messaggi|messaggio
        niente messaggi|sms
        """),
      FreeTextRule(
        "it-togliere",
        """
        toglietemi|toglimi|cancellatemi|cancellami|rimuovetemi|rimuovimi|eliminatemi|disiscrivetemi|disiscrivimi|\
        disiscrivermi|togliermi|cancellarmi
        cancellate|cancella|togliete|rimuovete|eliminate|cancelli|elimini il|mio|questo *1 numero|nome|contatto
        numero|persona sbagliato|sbagliata
        sbagliato|sbaglia numero|persona
        lasciatemi|lasciami in pace
        mai *1 iscritto|iscritta|richiesto|autorizzato|dato
        """),
    ],
    "nl": [
      FreeTextRule(
        "nl-stop",
        """
        ^^ stop|stoppen|afmelden|uitschrijven|ophouden aub|graag|svp|hiermee|nu|alsjeblieft*3 $$
        stop|stoppen|hou|houd|kap op? met|alsjeblieft|aub*3 sturen|smsen|appen|berichten|sms|sms|deze|dit|mij|me|\
        lastigvallen
        geen berichten|sms|reclame|smsjes|spam *1 meer
        niet meer|langer *1 smsen|sturen|contacteren|benaderen|ontvangen|berichten|appen|benaderd
        wil|hoef geen|dit|deze *2 berichten|niet|sms|reclame *1 meer|>
        wil *1 dit|deze *1 niet meer
        laat me|mij|ons met? rust|met
        met rust >
        verkeerd|verkeerde|fout|foute nummer|persoon
        haal|verwijder|schrap|meld|schrijf me|mij|mijn|dit *2 van|uit|af|nummer|gegevens|lijst
        uitschrijven|afmelden >
        nooit *2 toestemming|aangemeld|ingeschreven
        """)
    ],
    "pl": [
      FreeTextRule(
        "pl-stop",
        """
        ^^ koniec|stop|rezygnuje|wypisz|wypisuje|dosc|przestan|przestancie prosze|mnie|sie|juz*2 $$
        przestancie|przestan|prosze|przestac nie? *2 pisac|wysylac|dzwonic|nekac|przysylac|spamowac
        nie piszcie|pisz|wysylajcie|wysylaj|przysylajcie|kontaktujcie|nekajcie|piszcie|dzwoncie *2 wiecej|mi|do|mnie|\
        smsow|wiadomosci|juz
        nie chce *1 wiecej|dostawac|otrzymywac|waszych|tych|juz|zadnych|smsow|wiadomosci
        nie zycze sobie
        wypisz|wypiszcie|usun|usuncie|wykresl|wykreslcie|skasujcie prosze? mnie|moj|numer
        wypisac|wypisuje *1 sie|z|mnie
        zly|bledny|niewlasciwy numer
        pomylka|pomylil *1 numer|numeru|>
        dajcie|daj mi? spokoj
        zostawcie|zostaw mnie
        nie wyrazam|wyrazalem|wyrazalam *1 zgody
        cofam|wycofuje *1 zgode
        rezygnuje z
        """)
    ],
    "vi": [
      FreeTextRule(
        "vi-dung",
        """
        dung|ngung|thoi nhan|gui|nhan tin|lam|goi|spam
        dung|ngung lai >
        đung|dung co? nhan|gui|lam tin|phien|cho|nua
        đung nhan|gui|lam|goi tin|phien|cho|nua
        khong muon nhan *2 tin|them|nua|sms
        huy đang|dang ky
        nham|sai|lon so
        xoa so|ten *1 toi|cua
        đe|de toi yen
        khong nhan tin nua
        """)
    ],
    "zh": [
      FreeTextRule(
        "zh-tui-ding",
        """
        退 订|訂
        停 止 发|發|给|給|短|推|骚|騷|联|聯
        不|别|別|勿 要? 再? 发|發|骚|騷|联|聯|打 短|信|消|了|我|给|給|送|扰|擾|系|絡|络|繫
        不 想 再? 收 到
        不 要 短 信
        不 需 要 短|了 信
        取 消 订|訂|短
        打|发|發|找 错|錯 了|人|号|號|电
        号 码 错
        删|刪 除|掉 我
        你|您 打|发|發|认 错|錯
        骚|騷 扰|擾
        垃 圾 短|信
        请|請 停 止
        """)
    ],
    "tl": [
      FreeTextRule(
        "tl-tigil",
        """
        ^^ tigil|itigil|tigilan|hinto|ihinto|tama|ayoko|ayaw na|nyo|niyo|po|ko*3 $$
        tigilan|itigil|tigil|ihinto|hinto na|nyo|niyo|mo|po|ang*4 ako|pagtext|text|pagte|mensahe|pagpapadala|message|\
        pagmemessage|pag
        huwag|wag na|nyo|niyo|mo|po|ninyo|kayong|kayo|ka*4 akong|ako|mag|magtext|itext|text|magpadala|magmessage|\
        tawagan|guluhin|imessage
        ayoko|ayaw na|ko|po|nang|ng|makatanggap|tumanggap*5 text|mensahe|message|texts|messages
        tanggalin|alisin|burahin nyo|niyo|mo|po*2 ako|number|numero|ang
        maling|mali number|numero|tao|ang
        wrong number po|ka|kayo
        hindi *2 nag subscribe|sign
        hindi ako nagsubscribe|nagsign
        """)
    ],
  ]
}
