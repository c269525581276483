/// The way a disk's bytes take from the backup to the connector, and the ways that were not taken, each with its reason.
public struct PathChoice: Codable, Hashable, Sendable {
  /// The form it ends in, one of the capability document's; nil where no path exists.
  public var format: String?
  public var subformat: String?
  /// `nbd`, `file` or `http`.
  public var access: String?
  /// In order; empty where no path exists.
  public var chosen: [PathStep]
  /// Nil where no path exists.
  public var cost: PathCost?
  public var rejected: [RejectedPath]

  public init(
    format: String? = nil, subformat: String? = nil, access: String? = nil, chosen: [PathStep] = [],
    cost: PathCost? = nil, rejected: [RejectedPath] = []
  ) {
    self.format = format
    self.subformat = subformat
    self.access = access
    self.chosen = chosen
    self.cost = cost
    self.rejected = rejected
  }

  public var isPossible: Bool { access != nil }

  /// `vhd (fixed) by file`, or `no path`.
  public var description: String {
    guard let format, let access else { return "no path" }
    return (subformat.map { "\(format) (\($0))" } ?? format) + " by \(access)"
  }

  /// True where a copy of the disk lies on this computer before it is sent.
  public var isStaged: Bool { chosen.contains { $0.edge == .convert } }
}

/// One step of a path: what is done, why, and what it takes.
public struct PathStep: Codable, Hashable, Sendable {
  public var edge: PathEdge
  /// What is done, for people.
  public var what: String
  public var reason: String
  public var bytesRead: Int64
  /// Bytes written on this computer.
  public var bytesStaged: Int64
  public var seconds: Double

  public init(
    edge: PathEdge, what: String, reason: String, bytesRead: Int64 = 0, bytesStaged: Int64 = 0, seconds: Double = 0
  ) {
    self.edge = edge
    self.what = what
    self.reason = reason
    self.bytesRead = bytesRead
    self.bytesStaged = bytesStaged
    self.seconds = seconds
  }
}

/// The tools of the host that a path is made of.
public enum PathEdge: String, Codable, Hashable, Sendable, CaseIterable {
  /// A writable layer over the backup, which stays as it is.
  case overlay
  /// Zeros at the end, up to the size that the platform takes.
  case pad
  /// Drivers and settings for the new platform, written to the overlay.
  case guestPrepare
  /// A copy in another image format.
  case convert
  /// Offer the bytes on an NBD socket: the connector reads what it needs, when it needs it.
  case serveNBD
  /// Hand over the path of the copy.
  case handOver
  /// Offer the copy at a URL.
  case serveHTTP
}

/// A path that was not taken.
public struct RejectedPath: Codable, Hashable, Sendable {
  /// `vhdx (dynamic) by file`.
  public var path: String
  public var reason: String

  public init(path: String, reason: String) {
    self.path = path
    self.reason = reason
  }
}

/// What a path takes; compared in this order, least first.
public struct PathCost: Codable, Hashable, Sendable, Comparable {
  /// Bytes written on this computer.
  public var bytesStaged: Int64
  public var seconds: Double
  /// Place of the form in the connector's order of preference, then of the access in the form's.
  public var preference: Int
  public var accessPreference: Int

  public init(bytesStaged: Int64, seconds: Double, preference: Int, accessPreference: Int) {
    self.bytesStaged = bytesStaged
    self.seconds = seconds
    self.preference = preference
    self.accessPreference = accessPreference
  }

  /// True where the difference is within what estimates can tell: a twentieth, and a second.
  func isHardlyMore(than least: PathCost) -> Bool {
    Double(bytesStaged) <= Double(least.bytesStaged) * 1.05 && seconds <= least.seconds * 1.05 + 1
  }

  public static func < (left: PathCost, right: PathCost) -> Bool {
    (left.bytesStaged, left.seconds, left.preference, left.accessPreference)
      < (right.bytesStaged, right.seconds, right.preference, right.accessPreference)
  }
}
