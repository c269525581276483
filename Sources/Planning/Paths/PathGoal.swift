import ConnectorProtocol
import Support

/// One way to end: a form that the connector accepts, reached by one of its accesses.
struct PathGoal {
  var form: CapabilityDocument.DiskForm
  var access: String
  /// Places in the connector's order of preference.
  var preference: Int
  var accessPreference: Int

  static func all(of forms: [CapabilityDocument.DiskForm]) -> [PathGoal] {
    forms.enumerated().flatMap { index, form in
      form.access.enumerated().map { place, access in
        PathGoal(form: form, access: access, preference: index, accessPreference: place)
      }
    }
  }

  /// `vhd (fixed) by file`.
  var description: String { "\(formText) by \(access)" }

  var formText: String { form.subformat.map { "\(form.format) (\($0))" } ?? form.format }

  /// The size that a disk of `bytes` takes in this form: at least the smallest, and a whole number of steps; nil where
  /// that is more than a size can be.
  func effectiveSize(of bytes: Int64) -> Int64? {
    let size = max(bytes, form.minBytes ?? 0)
    let step = max(1, form.roundTo ?? 1)
    let (rounded, overflow) = size.addingReportingOverflow(step - 1)
    return overflow ? nil : rounded / step * step
  }

  /// Why a disk cannot end like this whatever is done to it, or nil.
  func refusal(of source: PathSource, diskFormat: String?, diskAccess: String? = nil) -> String? {
    if let diskFormat, diskFormat != form.format { return "the mapping asks for \(diskFormat)" }
    if let diskAccess, diskAccess != access { return "the mapping asks for access by \(diskAccess)" }
    if let sector = form.sectorBytes, sector != 512 {
      return "its sectors have \(sector) bytes, the disk's 512: the guest would not find its partitions"
    }
    guard let size = effectiveSize(of: source.virtualSizeBytes) else { return "the disk is too large to be rounded up" }
    if let max = form.maxBytes, size > max {
      return "the disk is too large: \(Format.bytes(size)), of at most \(Format.bytes(max))"
    }
    return nil
  }
}
