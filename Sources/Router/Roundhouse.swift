import ArgumentParser

@main
struct Roundhouse: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "roundhouse", abstract: "A self-hosted, multi-tenant SMS CRM.",
    subcommands: [
      Serve.self, TenantCommand.self, NumberCommand.self, BrandCommand.self, KillSwitchCommand.self, HostCommand.self,
      TwilioAccountCommand.self, KeyCommand.self, AuditCommand.self, AdminCommand.self, UserCommand.self,
      Backup.self, Restore.self, LinksCommand.self, FiguresCommand.self,
      PrintSettings.self,
    ])
}
