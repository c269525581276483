import Support

/// Takes an agent's packages out of a Linux guest with its own package manager, in the appliance and without a network.
struct AgentRemoval {
  private static let seconds = 300

  let programs: GuestPrograms
  /// `deb`, `rpm` … as libguestfs names them.
  let format: String?

  /// - Returns: The packages that were removed; none where none of them is installed, or the manager cannot be asked.
  /// - Throws: `guest.callFailed` where it refuses (something else needs them): it then has removed nothing.
  func remove(_ agent: AgentTable.Agent) throws(AscendError) -> [String] {
    guard programs.canRun, let script = Self.script(format, agent.packages) else { return [] }
    return try programs.shell(script, about: agent.name, seconds: Self.seconds)
      .split(whereSeparator: \.isWhitespace).map(String.init)
  }

  /// Prints the names of those that are installed, and removes them: all in one go, or none. Configuration that somebody
  /// changed stays.
  static func script(_ format: String?, _ packages: [String]) -> String? {
    let names = packages.map(GuestPrograms.quoted).joined(separator: " ")
    let (ask, remove): (String, String)
    switch format {
    case "deb":
      ask = "dpkg-query -W -f='${db:Status-Status} ${Package}\\n' \(names) 2>/dev/null | sed -n 's/^installed //p'"
      // On its own it removes one of two packages and refuses the other.
      remove = "dpkg --no-act --remove $found >&2; DEBIAN_FRONTEND=noninteractive dpkg --remove"
    case "rpm":
      ask = "rpm -q --qf '%{NAME}\\n' \(names) 2>/dev/null | grep -v ' '"
      remove = "rpm -e"
    case "apk":
      ask = "for p in \(names); do if apk info -e \"$p\"; then :; fi; done"
      remove = "apk del --no-network"
    case "pacman":
      ask = "pacman -Qq \(names) 2>/dev/null"
      remove = "pacman -R --noconfirm"
    default: return nil
    }
    return "set -e; found=$(\(ask) || true); if [ -n \"$found\" ]; then \(remove) $found >&2; echo $found; fi"
  }
}
