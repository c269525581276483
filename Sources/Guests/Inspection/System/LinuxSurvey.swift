import ConnectorProtocol
import Support

/// What planning wants to know of a Linux beside its kernels. Its filesystems must be mounted.
struct LinuxSurvey {
  let guest: GuestfsHandle
  let mounts: [GuestInspection.Mount]

  func complete(_ facts: inout GuestFacts) throws(AscendError) {
    let release = OSRelease(try guest.readText("/etc/os-release", limit: 64 << 10) ?? "")
    facts.productName = release.prettyName ?? facts.productName
    facts.edition = release.variant
    facts.bootLoader = try LoaderSurvey(guest: guest).bootLoader()
    facts.initramfsTool = try InitramfsTool.find(guest)?.rawValue
    facts.agents = try AgentTable.bundled().installed(guest).map(\.name)
    facts.interfaces = try InterfaceSurvey(guest: guest).interfaces()
    let room = try SpaceSurvey(guest: guest).measure(mounts)
    facts.freeBytes = room.bytes
    facts.freeInodes = room.inodes
    let root = mounts.first { $0.path == "/" }?.device
    let missing = try guest.optional { () throws(AscendError) in
      try LinuxTables.missing(guest, root: root, hasLocked: facts.lockedVolumes != nil)
    }
    facts.missingMounts = missing.flatMap { $0.isEmpty ? nil : $0 }
  }
}
