import CGuestfs
import Foundation
import Support

/// A Windows on a mounted filesystem: where its files are, and what its registry says of it.
struct WindowsGuest {
  let guest: GuestfsHandle
  /// The device of its system volume.
  let root: String
  /// `/Windows`, as it is written on the disk.
  let systemRoot: String
  var windows: WindowsTarget
  var productName: String?
  /// The control sets that count, the current one first: `ControlSet001`.
  var controlSets: [String] = []
  var hasDriverDatabase = false
  var fastStartup = false

  /// Reads it. The system volume must be mounted on `/`.
  init(_ guest: GuestfsHandle, root: String) throws(AscendError) {
    self.guest = guest
    self.root = root
    guard let systemRoot = try Self.systemRoot(guest) else {
      throw AscendError("guest.unsupported", "The guest's system volume has no folder of Windows", object: root)
    }
    self.systemRoot = systemRoot
    guard let architecture = try Self.architecture(guest, systemRoot) else {
      throw AscendError("guest.unsupported", "This Windows is for processors that are not known here", object: root)
    }
    windows = WindowsTarget(major: 0, minor: 0, build: 0, isServer: false, architecture: architecture)
    try readSoftware()
    try readSystem()
  }

  var software: String { get throws(AscendError) { try path("System32/config/SOFTWARE") } }
  var system: String { get throws(AscendError) { try path("System32/config/SYSTEM") } }

  /// A path below the system's folder as it is written on the disk; NTFS under Linux tells capitals from small letters.
  /// The last part may be missing, what leads there may not.
  func path(_ relative: String) throws(AscendError) -> String {
    let wanted = "\(systemRoot)/\(relative)"
    return try guest.text("looking for", wanted) { guestfs_case_sensitive_path($0, wanted) }
  }

  /// Whether a file is there; a folder on its way may be missing as well.
  func hasFile(_ relative: String) throws(AscendError) -> Bool {
    let found = try guest.optional { () throws(AscendError) in try path(relative) }
    guard let found else { return false }
    return try guest.isFile(found)
  }

  /// The folder with the registry and the command processor.
  private static func systemRoot(_ guest: GuestfsHandle) throws(AscendError) -> String? {
    for name in try guest.list("/") where ["windows", "winnt", "win32", "win"].contains(name.lowercased()) {
      let found = try guest.optional { () throws(AscendError) in
        try guest.text("looking for", name) { guestfs_case_sensitive_path($0, "/\(name)/System32/config/SYSTEM") }
      }
      if let found, try guest.isFile(found) { return "/\(name)" }
    }
    return nil
  }

  /// What its command processor is made for.
  private static func architecture(
    _ guest: GuestfsHandle, _ systemRoot: String
  ) throws(AscendError) -> WindowsTarget.Architecture? {
    let shell = try guest.text("looking for", systemRoot) {
      guestfs_case_sensitive_path($0, "\(systemRoot)/System32/cmd.exe")
    }
    let machine = PortableExecutable(try guest.head(of: shell, count: 65_536))?.machine
    return WindowsTarget.Architecture.allCases.first { $0.machine == machine }
  }

  private mutating func readSoftware() throws(AscendError) {
    let key = ["Microsoft", "Windows NT", "CurrentVersion"]
    let (target, name) = try RegistryHive.with(guest, software) { hive throws(AscendError) in
      var target = windows
      target.build = try hive.value(key, "CurrentBuildNumber")?.text.flatMap { Int($0) } ?? 0
      let type = try hive.value(key, "InstallationType")?.text ?? ""
      target.isServer = type.lowercased().hasPrefix("server")
      // From Windows 10 on the old value stays at 6.3.
      if let major = try hive.value(key, "CurrentMajorVersionNumber")?.number {
        target.major = Int(major)
        target.minor = Int(try hive.value(key, "CurrentMinorVersionNumber")?.number ?? 0)
      } else {
        let parts = (try hive.value(key, "CurrentVersion")?.text ?? "").split(separator: ".").map { Int($0) ?? 0 }
        (target.major, target.minor) = (parts.first ?? 0, parts.dropFirst().first ?? 0)
      }
      return (target, try hive.value(key, "ProductName")?.text)
    }
    windows = target
    // Windows 11 calls itself Windows 10 there.
    productName = windows.name == "Windows 11" ? name?.replacing("Windows 10", with: "Windows 11") : name
  }

  private mutating func readSystem() throws(AscendError) {
    (controlSets, hasDriverDatabase, fastStartup) = try RegistryHive.with(guest, system) { hive throws(AscendError) in
      var sets: [String] = []
      for name in ["Current", "Default", "LastKnownGood"] {
        guard let number = try hive.value(["Select"], name)?.number, number > 0, number < 1000 else { continue }
        let digits = String(number)
        let set = "ControlSet" + String(repeating: "0", count: 3 - digits.count) + digits
        if !sets.contains(set), try hive.has([set]) { sets.append(set) }
      }
      let power = [sets.first ?? "ControlSet001", "Control", "Session Manager", "Power"]
      let fast = try hive.value(power, "HiberbootEnabled")?.number
      return (sets, try hive.has(["DriverDatabase"]), fast == 1)
    }
    guard !controlSets.isEmpty else {
      throw AscendError(
        "guest.registryDamaged", "The guest's registry names no control set to start from", object: try system,
        remedy: "Let Windows start on the source machine, shut it down and back it up again")
    }
  }
}
