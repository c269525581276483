/// Limits under which a tool runs. Backups are hostile input: a crafted image must not be able to eat the machine.
public struct ToolLimits: Sendable {
  public var addressSpaceBytes: Int64?
  public var cpuSeconds: Int?
  public var openFiles: Int?
  public var wallSeconds: Double?

  public init(
    addressSpaceBytes: Int64? = nil, cpuSeconds: Int? = nil, openFiles: Int? = nil, wallSeconds: Double? = nil
  ) {
    self.addressSpaceBytes = addressSpaceBytes
    self.cpuSeconds = cpuSeconds
    self.openFiles = openFiles
    self.wallSeconds = wallSeconds
  }

  public static let none = ToolLimits()

  /// For reading the metadata of an image that nobody has looked at yet.
  public static let probe = ToolLimits(addressSpaceBytes: 2 << 30, cpuSeconds: 60, openFiles: 256, wallSeconds: 120)

  /// The command with its limits set by `prlimit` (util-linux), which sets them on itself and then becomes the tool.
  func wrap(_ name: String, _ arguments: [String]) -> [String] {
    var limits: [String] = []
    if let addressSpaceBytes { limits.append("--as=\(addressSpaceBytes)") }
    if let cpuSeconds { limits.append("--cpu=\(cpuSeconds)") }
    if let openFiles { limits.append("--nofile=\(openFiles)") }
    guard !limits.isEmpty else { return [name] + arguments }
    return ["prlimit"] + limits + ["--core=0", "--", name] + arguments
  }
}
