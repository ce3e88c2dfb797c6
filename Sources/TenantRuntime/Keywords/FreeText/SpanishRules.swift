/// Spanish, which is always read beside English.
extension FreeTextRules {
  static let spanish: [FreeTextRule] = [
    FreeTextRule(
      "es-alto",
      """
      ^^ alto|pare|paren|parar|parale|parenle|parele|detener|detengan|detenganse|basta|baja|cancelar|cancele|cancelen|\
      desuscribir|salir|quitar|borrar|eliminar|remover ya|esto|todo*2 $$
      ^^ no mas $$
      ^^ equivocado|equivocada $$
      ^ ya basta $
      basta ya >
      < ya no|paren >
      paren|pare ya|esto|eso >
      ^ no mas $.
      """, unlessAfter: ["no *1"]),
    FreeTextRule(
      "es-no-mas",
      """
      no mas de? estos|sus|tus|los*1 mensajes|mensaje|textos|texto|sms|publicidad|propaganda|notificaciones|\
      promociones|anuncios|llamadas|spam
      basta con|de *2 mensajes|textos|publicidad|propaganda|spam
      sin mensajes >
      no mandar|enviar mas
      """, unlessAfter: ["hay|tengo|recibi|llegaron|veo"]),
    FreeTextRule(
      "es-no-quiero",
      """
      no quiero|deseo|quisiera|queremos|deseamos mas|recibir|sus|tus|estos|los|que|me|manden|envien|escriban|seguir|\
      recibiendo|ningun|ninguno|de|este|tipo|sms*6 mensajes|textos|sms|publicidad|propaganda|notificaciones|\
      promociones|anuncios|spam|recibirlos|recibirlas|nada
      ya no quiero|deseo|quisiera|queremos recibir|mas|esto|estos|que|nada|seguir
      no quiero|deseo recibir mas|nada|estos|este|sus
      no quiero|deseo|quisiera seguir recibiendo|en *2 lista
      no quiero|deseo que me escriban|escriba|escribas|escriban|contacten|texteen|llamen|manden|envien|molesten
      no quiero mas >
      no quiero ser contactado|contactada|molestado|molestada
      dejar|dejo de recibir
      no quiero saber nada|mas
      """),
    FreeTextRule(
      "es-deje-de",
      """
      deje|dejen|deja|dejad|dejes|dejar|dejarian|pueden|paren|pare|para|parar|parale|paran de|con|ya*2 escribirme|\
      mandarme|enviarme|molestar|molestarme|textearme|enviar|mandar|llamarme|contactarme|escribir|mandarnos|enviarnos|\
      fastidiar|mandando|enviando|escribiendo|molestando|joder|chingar|spamear|acosar|acosarme|insistir
      paren|parenle|parale|pare|para|detengan|detenga|deje|dejen con|de|estos|los|sus*3 mensajes|textos|publicidad|\
      spam|sms
      dejenme|dejeme|dejame|dejanos|dejennos|dejarme de? escribirme|mandarme|enviarme|molestar|molestarme|textearme|\
      enviar|mandar|llamarme|contactarme|escribir|mandarnos|enviarnos|fastidiar|mandando|enviando|escribiendo|\
      molestando|joder|chingar|spamear|acosar|acosarme|insistir|en|tranquilo|tranquila|sola|solo
      en paz >
      no molesten|moleste|molestes|molestar|jodan|joda|jodas|chinguen|fastidien|insistan|insista >
      vayanse|vayase|vete al|a la? diablo|carajo|mierda|chingada
      """, unlessAfter: ["no|nunca *1"]),
    FreeTextRule(
      "es-no-me-escriban",
      """
      no|nunca me|nos vuelva|vuelvan|vuelvas a escribir|mandar|enviar|contactar|llamar|molestar|textear
      no|nunca me|nos escriban|escriba|escribas|escriban|contacten|contacte|contactes|molesten|moleste|molestes|\
      texteen|textees|textee|mensajeen !cuando|en|antes|despues|manana|hoy
      no|nunca me|nos manden|mande|mandes|manda|envien|envie|envies|llamen|llame|llames|mandan|sigan|siga|sigas *3 \
      mas|mensajes|mensaje|textos|texto|nada|publicidad|propaganda|spam|sms|esto|estos|promociones|mandando|\
      escribiendo|enviando|molestando
      no|nunca me|nos manden|mande|envien|envie|manda|mandes $$
      no escriban|escriba|escribas|manden|mande|mandes|envien|envie|contacten|contacte|llamen *2 mas|mensajes|nunca
      ya no me|nos escriban|escriba|escribas|escriban|manden|mande|mandes|envien|envie|envies|contacten|molesten|\
      llamen|texteen|escribas|manda|mandan
      ya no escriban|manden|envien|llamen|molesten|contacten
      """, unlessAfter: ["si|que|por *1"]),
    FreeTextRule(
      "es-quitar",
      """
      quiteme|quitenme|quitame|saqueme|saquenme|sacame|borreme|borrenme|borrame|elimineme|eliminenme|eliminame|\
      remuevame|remuevanme|remueveme|quitarme|borrarme|sacarme|eliminarme|desuscribame|desuscribanme|desuscribeme|\
      desuscribirme >
      quiteme|quitenme|quitame|saqueme|saquenme|sacame|borreme|borrenme|borrame|elimineme|eliminenme|eliminame|\
      remuevame|remuevanme|remueveme|quitarme|borrarme|sacarme|eliminarme|desuscribame|desuscribanme|desuscribirme de \
      *2 lista|listas|sistema|base|mensajes|registro|ahi|aqui|esto
      borre|borren|borra|borrar|elimine|eliminen|elimina|eliminar|quite|quiten|quita|quitar|saque|saquen|saca|sacar|\
      remueva|remuevan mi|este|el|mis numero|nombre|telefono|contacto|celular|datos
      darme|deme|denme|dame|darse|doy|dar de baja
      de baja de|en *2 lista|mensajes|servicio
      desuscribir|desuscribirme|desuscribanme|desuscriban|desuscribame|desinscribir|desinscribirme
      salir|salirme|salgo de *1 lista
      quitar|sacar|borrar|eliminar|quitan|sacan|borran|eliminan de la|su|esta|tu lista
      cancelar|cancele|cancelen|cancela|cancelo|anular mi|la|esta|los|estos|sus|de*2 suscripcion|mensajes|sms|\
      notificaciones|textos|alertas
      """, unlessAfter: ["no *1"]),
    FreeTextRule(
      "es-numero-equivocado",
      """
      numero|telefono|persona|num equivocado|equivocada|incorrecto|incorrecta|erroneo|errado !de|en|para
      equivoco|equivocaste|equivocado|equivocada|equivocaron|equivocan *1 de? numero|persona|telefono
      se equivoco|equivocaron >
      esta|estan|estas equivocado|equivocados|equivocada *1 >
      no es|soy el numero|telefono|celular|cel de|del
      no es|era|soy su|mi|esa|la numero|telefono|persona >
      no conozco a *3 >
      aqui no vive|esta|hay *1 nadie|ningun|ninguna
      no vive aqui
      ya no es *1 numero|telefono
      este numero ya no
      """, unlessAfter: ["me|nos *2", "no *1", "si *2"]),
    FreeTextRule(
      "es-nunca-acepte",
      """
      no|nunca|jamas me *1 suscribi|inscribi|apunte|registre
      no|nunca|jamas *1 autorice|acepte|pedi|solicite *2 mensajes|esto|estos|esta|>
      no|nunca *1 di *1 permiso|consentimiento|autorizacion|numero
      sin mi consentimiento|permiso|autorizacion
      voy|vamos a *1 reportar|denunciar|bloquear|bloquearlos|reportarlos|denunciarlos
      los|te|lo voy a? bloquear|reportar|denunciar
      bloqueado|bloqueados $$
      esto|es es? acoso|spam
      """),
  ]
}
