import CGuestfs
import Support

/// Switches off the agents of platforms that the guest is not on any more, so that nothing waits for a host that is not
/// there. They stay installed: their packages are the guest's own business, and removing them needs its tools.
struct AgentSwitch {
  let writer: GuestWriter
  /// Those of the platform that it comes to.
  let wanted: [String]
  /// Packages that will be installed at the first start.
  let packages: [String]

  func run() throws(AscendError) {
    for agent in try AgentTable.bundled().agents {
      let isWanted = wanted.contains(agent.name)
      guard try isInstalled(agent) else {
        if isWanted, !packages.contains(where: { $0.contains(agent.name) }) {
          writer.warn("The guest has no \(agent.name), which the platform works with: install it there")
        }
        continue
      }
      guard !isWanted else { continue }
      for service in agent.services { try switchOff(service) }
    }
  }

  private func isInstalled(_ agent: AgentTable.Agent) throws(AscendError) -> Bool {
    for path in agent.traces where try writer.guest.exists(path) { return true }
    return false
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
