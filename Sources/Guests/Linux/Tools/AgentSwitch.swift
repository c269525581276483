import CGuestfs
import Support

/// Switches off the agents of platforms that the guest is not on any more, so that nothing waits for a host that is not
/// there; removes them where the operator wants that and the guest's package manager can.
///
/// Switching off is what is done by default: it is undone with one command, cannot fail half-way, and needs no program of
/// the guest.
struct AgentSwitch {
  let writer: GuestWriter
  /// Those of the platform that it comes to.
  let wanted: [String]
  /// Packages that will be installed at the first start.
  let packages: [String]
  /// How to remove; nil: they stay installed.
  var removal: AgentRemoval?

  func run() throws(AscendError) {
    let table = try AgentTable.bundled()
    let installed = try table.installed(writer.guest)
    for agent in table.agents where agent.isMeant(by: wanted) && !installed.contains(agent) {
      let comes = packages.contains { package in agent.packages.contains(where: package.contains) }
      let name = wanted.first { agent.isMeant(by: [$0]) } ?? agent.name
      if !comes { writer.warn("The guest has no \(name), which the platform works with: install it there") }
    }
    for agent in installed where !agent.isMeant(by: wanted) && !agent.services.isEmpty {
      if try remove(agent) { continue }
      for service in agent.services { try switchOff(service) }
    }
  }

  private func remove(_ agent: AgentTable.Agent) throws(AscendError) -> Bool {
    guard let removal else { return false }
    // Even one that refuses writes to its database.
    if removal.programs.canRun { writer.programsRan() }
    do throws(AscendError) {
      let gone = try removal.remove(agent)
      guard !gone.isEmpty else {
        writer.warn("\(agent.name) cannot be removed by the guest's package manager here, and was switched off")
        return false
      }
      writer.note(.init(path: "/", before: "the packages \(gone.joined(separator: ", ")) were installed"))
      return true
    } catch {
      guard error.code == "guest.callFailed" else { throw error }
      let why = StorageSurvey.oneLine(error.cause ?? error.message)
      writer.warn("\(agent.name) could not be removed, and was switched off: \(why)")
      return false
    }
  }

  private func switchOff(_ service: String) throws(AscendError) {
    let unit = "\(service).service"
    for folder in ["/usr/lib/systemd/system", "/lib/systemd/system", "/etc/systemd/system", "/run/systemd/generator"]
    where try writer.guest.exists("\(folder)/\(unit)") {
      // To be undone with `systemctl unmask`.
      if try !writer.link("/etc/systemd/system/\(unit)", to: "/dev/null") {
        try writer.setAside("/etc/systemd/system/\(unit)")
        try writer.link("/etc/systemd/system/\(unit)", to: "/dev/null")
      }
      break
    }
    guard try writer.guest.exists("/etc/init.d/\(service)") else { return }
    for level in ["boot", "default"] where try writer.linkTarget("/etc/runlevels/\(level)/\(service)") != nil {
      try writer.remove("/etc/runlevels/\(level)/\(service)", keeping: "a link to /etc/init.d/\(service)")
    }
    // SUSE keeps the links of its run levels beside the scripts.
    for parent in ["/etc", "/etc/init.d"] {
      for folder in try writer.guest.list(parent).filter({ $0.wholeMatch(of: /rc[0-6S]\.d/) != nil }) {
        for name in try writer.guest.list("\(parent)/\(folder)")
        where name.wholeMatch(of: /S[0-9][0-9](.+)/)?.output.1 == service[...] {
          try writer.remove("\(parent)/\(folder)/\(name)", keeping: "a link to /etc/init.d/\(service)")
        }
      }
    }
  }
}
