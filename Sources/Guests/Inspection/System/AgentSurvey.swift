import Support

/// Finds the programs by which a platform, or an operator's tool, talks to a guest.
struct AgentSurvey {
  struct Agent: Sendable, Hashable {
    var name: String
    /// Below a Linux guest's root; a star stands for anything but a slash.
    var files: [String]
    /// Services of Windows.
    var services: [String]
  }

  static let known = [
    Agent(
      name: "vmware-tools",
      files: ["usr/bin/vmtoolsd", "usr/sbin/vmtoolsd", "usr/bin/vmware-uninstall-tools.pl"], services: ["VMTools"]),
    Agent(name: "qemu-guest-agent", files: ["usr/sbin/qemu-ga", "usr/bin/qemu-ga"], services: ["QEMU-GA"]),
    Agent(
      name: "hyperv-daemons",
      files: ["usr/sbin/hv_kvp_daemon", "usr/sbin/hypervkvpd", "usr/lib/linux-tools/*/hv_kvp_daemon"], services: []),
    Agent(name: "cloud-init", files: ["usr/bin/cloud-init"], services: ["cloudbase-init"]),
    Agent(
      name: "azure-agent", files: ["usr/sbin/waagent", "usr/bin/waagent"], services: ["WindowsAzureGuestAgent"]),
    Agent(
      name: "amazon-ssm-agent", files: ["usr/bin/amazon-ssm-agent", "snap/bin/amazon-ssm-agent.*"],
      services: ["AmazonSSMAgent"]),
    Agent(
      name: "nutanix-guest-tools", files: ["usr/local/nutanix/ngt", "usr/local/nutanix/bin/nutanix_guest_agent"],
      services: ["Nutanix Guest Agent", "Nutanix Guest Tools Agent"]),
    Agent(
      name: "virtualbox-additions", files: ["usr/sbin/VBoxService", "usr/bin/VBoxService"], services: ["VBoxService"]),
    Agent(
      name: "xen-guest-agent", files: ["usr/sbin/xe-daemon", "usr/bin/xenstore-read"], services: ["xenagent", "XenSvc"]),
    Agent(name: "parallels-tools", files: ["usr/lib/parallels-tools"], services: ["prl_tools"]),
    Agent(name: "google-guest-agent", files: ["usr/bin/google_guest_agent"], services: ["GCEAgent"]),
  ]

  /// Agents of a mounted Linux guest, in one question.
  static func linux(_ guest: GuestfsHandle) throws(AscendError) -> [String] {
    named(try guest.glob("/{\(known.flatMap(\.files).joined(separator: ","))}"))
  }

  static func named(_ paths: [String]) -> [String] {
    let found = paths.map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
    return known.filter { agent in agent.files.contains { file in found.contains { matches($0, "/\(file)") } } }
      .map(\.name)
  }

  private static func matches(_ path: String, _ pattern: String) -> Bool {
    let (parts, wanted) = (path.split(separator: "/"), pattern.split(separator: "/"))
    return parts.count == wanted.count
      && zip(parts, wanted).allSatisfy { part, want in
        guard let star = want.firstIndex(of: "*") else { return part == want }
        return part.hasPrefix(want[..<star]) && part.hasSuffix(want[want.index(after: star)...])
      }
  }

  /// Agents among the services of a Windows.
  static func windows(_ hive: some RegistryReading, controlSet: String) throws(AscendError) -> [String] {
    var found: [String] = []
    for agent in known {
      for service in agent.services where try hive.has([controlSet, "Services", service]) {
        // 4 is a service that never starts.
        if try hive.value([controlSet, "Services", service], "Start")?.number == 4 { continue }
        found.append(agent.name)
        break
      }
    }
    return found
  }
}
