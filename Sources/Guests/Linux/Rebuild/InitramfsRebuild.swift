import CGuestfs
import Foundation
import Support

/// Has the guest's own tool make an initramfs anew, in the appliance, and keeps the result only if it is no worse than
/// the old one: what the tool sees of the hardware there is not the target's.
struct InitramfsRebuild {
  /// A minute with hardware virtualisation, five where the appliance is emulated.
  private static let seconds = 900

  let writer: GuestWriter
  let programs: GuestPrograms
  let tool: InitramfsTool?
  /// The device of the root filesystem in the appliance.
  let root: String
  let drivers: [String]
  let progress: (String) -> Void

  private var guest: GuestfsHandle { writer.guest }

  enum Outcome: Sendable, Hashable {
    /// The command that made it, and where the old one is.
    case rebuilt(by: String, original: String?)
    /// The old one is in its place, and drivers are to be appended.
    case kept
  }

  func run(_ kernel: InstalledKernel) throws(AscendError) -> Outcome {
    // What is there already is not made again: a second preparation changes nothing.
    guard let named = kernel.initramfs, !drivers.allSatisfy(kernel.startsWith) else { return .kept }
    let path = try guest.realPath(named)
    if let obstacle = obstacle(path, kernel) { return keep(path, obstacle) }
    guard let command = tool?.rebuild(kernel, at: path, root: root, drivers: drivers) else { return .kept }
    let before = try KernelSurvey(guest: guest, drivers: drivers).contents(path)
    let aside = path + ".ascend-old"
    guard try guest.freeBytes(path) >= 2 * guest.size(path) else {
      return keep(path, "there is no room for a second one")
    }
    progress("making \(path) anew: \(command)")
    try guest.rename(path, to: aside)
    writer.programsRan()
    do throws(AscendError) {
      _ = try programs.shell(command, about: path, seconds: Self.seconds)
      try guest.run("writing to disk") { guestfs_sync($0) }
      if let flaw = try flaw(path, kernel, before) { return try restore(aside, path, flaw) }
    } catch {
      let expected: [AscendError.Code] = ["guest.callFailed", "guest.initramfsUnreadable", "guest.tooLarge"]
      guard expected.contains(error.code) else { throw error }
      return try restore(aside, path, StorageSurvey.oneLine(String((error.cause ?? error.message).suffix(600))))
    }
    try writer.label(path)
    let kept = path + ".pre-restore"
    if try guest.exists(kept) {
      try guest.removeFile(aside)
      return .rebuilt(by: command, original: nil)
    }
    try guest.rename(aside, to: kept)
    return .rebuilt(by: command, original: kept)
  }

  private func obstacle(_ path: String, _ kernel: InstalledKernel) -> String? {
    if tool == nil { return "no tool that makes it is known" }
    if !programs.canRun { return "programs of \(programs.architecture ?? "an unknown architecture") do not run here" }
    // Volumes have other names in the appliance: a tool that asks for theirs would make one that cannot open them.
    if !guest.opened.isEmpty { return "its disks are encrypted" }
    if tool == .initramfsTools, path != "/boot/initrd.img-\(kernel.version)" {
      return "update-initramfs writes another file"
    }
    return nil
  }

  /// What is wrong with the new one, if something is.
  private func flaw(
    _ path: String, _ kernel: InstalledKernel, _ before: InitramfsContents
  ) throws(AscendError) -> String? {
    guard try guest.isFile(path) else { return "it was not written" }
    let after = try KernelSurvey(guest: guest, drivers: drivers).contents(path)
    let modules = after.modules(for: kernel.version)
    let index = try KernelSurvey(guest: guest, drivers: []).moduleIndex(kernel.version)
    let found = InitramfsModules(after, kernel: kernel.version)
    let missing = drivers.filter { !found.starts($0, index) && !kernel.builtIn.contains($0) }
    if !missing.isEmpty { return "it lacks \(missing.joined(separator: ", "))" }
    if before.findsHardware, !after.findsHardware { return "it no longer finds hardware by itself" }
    let lost = before.modules(for: kernel.version).subtracting(modules).sorted()
    return lost.isEmpty ? nil : "it has lost \(lost.prefix(8).joined(separator: ", "))"
  }

  private func restore(_ aside: String, _ path: String, _ why: String) throws(AscendError) -> Outcome {
    try guest.removeFile(path)
    try guest.rename(aside, to: path)
    return keep(path, why)
  }

  private func keep(_ path: String, _ why: String) -> Outcome {
    writer.warn("\(path) was not made anew, and drivers were appended to it instead: \(why)")
    return .kept
  }
}

extension InitramfsTool {
  /// The command that makes one initramfs with these drivers in it.
  ///
  /// What fits it to the machine that it is made on is switched off: that is the appliance.
  func rebuild(_ kernel: InstalledKernel, at path: String, root: String, drivers: [String]) -> String {
    let (file, version) = (GuestPrograms.quoted(path), GuestPrograms.quoted(kernel.version))
    let names = GuestPrograms.quoted(drivers.joined(separator: " "))
    return switch self {
    case .initramfsTools: "update-initramfs -c -k \(version)"
    case .dracut: "dracut --force --no-hostonly --add-drivers \(names) \(file) \(version)"
    case .mkinitcpio: "mkinitcpio -k \(version) -S autodetect -g \(file)"
    case .mkinitfs: "mkinitfs -o \(file) \(version)"
    case .mkinitrd:
      "rootdev=\(GuestPrograms.quoted(root)) mkinitrd -m \(names) -k \(GuestPrograms.quoted(kernel.image)) -i \(file)"
        + " -d \(GuestPrograms.quoted(root))"
    }
  }
}
