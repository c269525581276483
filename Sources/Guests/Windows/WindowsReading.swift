import Support

/// What must be known of a Windows to tell which drivers it has.
protocol WindowsReading {
  var windows: WindowsTarget { get }
  /// The control sets that count, the current one first.
  var controlSets: [String] { get }
  /// `/Windows`, as it is written on the disk.
  var systemRoot: String { get }
  /// Whether a file is there, by its path below the system's folder; capitals and small letters are the same.
  func hasFile(_ relative: String) throws(AscendError) -> Bool
}

extension WindowsGuest: WindowsReading {}
