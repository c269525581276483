import ConnectorProtocol
import Support

/// What preparation and planning need to know of a Windows, without changing it.
struct WindowsExamination {
  let guest: GuestfsHandle
  let root: String
  /// Drivers to look for.
  let drivers: [String]

  /// Adds it to the facts, and says in words what stands in the way. Leaves nothing mounted.
  func complete(_ facts: inout GuestFacts) throws(AscendError) -> [String] {
    facts.preparable = false
    do throws(AscendError) {
      try guest.mount(root, at: "/", readOnly: true)
      let windows = try WindowsGuest(guest, root: root)
      facts.version = windows.windows.version
      facts.productName = windows.productName ?? facts.productName
      facts.release = windows.windows.name
      facts.build = windows.windows.build
      facts.drivers = try RegistryHive.with(guest, windows.system) { hive throws(AscendError) in
        var found: [String] = []
        for name in drivers {
          if try WindowsDrivers.installed(name, windows, hive) != nil { found.append(name) }
        }
        return found
      }
      facts.preparable = windows.windows.isSupported
      facts.bootLoader = "bootmgr"
      try WindowsSurvey(guest: guest, windows: windows).complete(&facts)
      let room = try SpaceSurvey(guest: guest).measure([.init(path: "/", device: root)])
      facts.freeBytes = room.bytes
      do throws(AscendError) {
        try WindowsChecks(guest: guest, device: root).checkHibernation(windows)
      } catch {
        guard error.code == "guest.hibernated" else { throw error }
        facts.hibernated = true
      }
      try guest.unmountAll()
    } catch {
      guard ["guest.callFailed", "guest.registryDamaged", "guest.unsupported"].contains(error.code) else { throw error }
      try guest.unmountAll()
      return ["Windows could not be looked at: \(error.cause ?? error.message)"]
    }
    return []
  }
}
