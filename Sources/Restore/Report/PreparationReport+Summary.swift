import Guests
import Support

extension PreparationReport {
  /// What was done to the guest, a line each, for the log and the report.
  var summary: [String] {
    var lines: [String] = []
    if let reason { lines.append(reason) }
    for kernel in kernels where !kernel.added.isEmpty || kernel.rebuiltBy != nil {
      if let command = kernel.rebuiltBy {
        lines.append("kernel \(kernel.version): \(kernel.initramfs) made anew by the guest's own \(command)")
      }
      if !kernel.added.isEmpty {
        lines.append(
          "kernel \(kernel.version): \(kernel.added.joined(separator: " ")) added to \(kernel.initramfs) "
            + "(\(Format.bytes(kernel.addedBytes)))")
      }
      lines.append("kernel \(kernel.version): read back and found: \(kernel.inInitramfs.joined(separator: " "))")
    }
    for driver in drivers ?? [] {
      let origin = driver.source.map { " (\(driver.version ?? "") of \($0))" } ?? ""
      lines.append("driver \(driver.name): \(driver.state)\(origin)")
      if !driver.controlSets.isEmpty {
        lines.append("driver \(driver.name): read back from \(driver.controlSets.joined(separator: ", "))")
      }
    }
    for change in changes {
      switch (change.before, change.after) {
      case (let before?, let after?): lines.append("\(change.path): \(before) → \(after)")
      case (nil, let after?): lines.append("\(change.path): added \(after.replacing("\n", with: " "))")
      case (_?, nil): lines.append("\(change.path): removed")
      case (nil, nil): lines.append("\(change.path): changed")
      }
    }
    return lines + warnings.map { "warning: \($0)" }
  }
}
