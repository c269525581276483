import ConnectorProtocol
public import Logging
public import Support

/// Reads what a restored guest did at its first start, from its disks.
public struct FirstStartReader: Sendable {
  private static let longestLog: Int64 = 256 << 10

  private let appliance: ApplianceOptions
  private let logger: Logger

  public init(appliance: ApplianceOptions = .init(), logger: Logger = Logger(label: "ascend.guests")) {
    self.appliance = appliance
    self.logger = logger
  }

  /// - Parameters:
  ///   - disks: All disks of one machine that is switched off, in its order. They are opened read-only.
  ///   - keys: Of encrypted volumes.
  /// - Returns: Nil for a guest that was given nothing to do at its first start.
  /// - Throws: `guest.unsupported` for disks on which no system, or more than one, was found; `guest.wrongKey`.
  public func read(_ disks: [GuestDisk], keys: [DiskKey] = []) async throws(AscendError) -> FirstStartLog? {
    let readOnly = disks.map { GuestDisk(path: $0.path, format: $0.format, readOnly: true) }
    return try await Appliance.with(readOnly, options: appliance.opening(keys), logger: logger) {
      guest throws(AscendError) in
      try Self.read(guest, keys)
    }
  }

  static func read(_ guest: GuestfsHandle, _ keys: [DiskKey]) throws(AscendError) -> FirstStartLog? {
    let inspection = try GuestExamination(guest: guest, drivers: [], keys: keys, recordedFirmware: nil).examine()
    guard let root = inspection.root else {
      let locked = inspection.facts.lockedVolumes ?? []
      throw AscendError(
        "guest.unsupported", "The guest's system was not found", cause: inspection.facts.reason,
        remedy: locked.isEmpty
          ? "Give all disks of the machine"
          : "Give the key of \(locked.map(\.device).joined(separator: ", ")) with --key, and all disks of the machine")
    }
    if inspection.facts.family == "windows" {
      try guest.mount(root, at: "/", readOnly: true)
      let folder = try WindowsGuest(guest, root: root).path(FirstBoot.folder)
      return try windows(guest, folder)
    }
    _ = try LinuxMounts(guest: guest).mount(inspection.mounts, readOnly: true)
    return try linux(guest, LinuxFirstBoot.folder)
  }

  static func windows(_ guest: GuestfsHandle, _ folder: String) throws(AscendError) -> FirstStartLog? {
    guard try guest.isDirectory("\(folder)/steps") else { return nil }
    func steps(_ name: String) throws(AscendError) -> [String] {
      try guest.list("\(folder)/\(name)").filter { $0.lowercased().hasSuffix(".cmd") }.map { String($0.dropLast(4)) }
    }
    let path = "\(folder)/\(FirstBoot.log)"
    return FirstStartLog(
      path: path, text: try end(guest, path), done: try steps("done"), failed: try steps("failed"),
      pending: try steps("steps"))
  }

  static func linux(_ guest: GuestfsHandle, _ folder: String) throws(AscendError) -> FirstStartLog? {
    guard try guest.isDirectory("\(folder)/scripts") else { return nil }
    let names = try guest.list(folder)
    func named(_ prefix: String) -> [String] {
      names.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
    }
    let path = "\(folder)/log"
    return FirstStartLog(
      path: path, text: try end(guest, path), done: named("done-"), failed: named("failed-"),
      pending: try guest.list("\(folder)/scripts"))
  }

  /// The end of a log, without what could steer a terminal; empty where there is none.
  private static func end(_ guest: GuestfsHandle, _ path: String) throws(AscendError) -> String {
    guard try guest.isFile(path) else { return "" }
    let bytes = try guest.tail(of: path, count: longestLog)
    return bytes.split(separator: 0x0a, omittingEmptySubsequences: false).map { PlainText.of(Array($0)) }
      .joined(separator: "\n")
  }
}
