import CGuestfs
import Foundation
import Support

/// Runs the user's scripts in the guest's system while it is mounted in the appliance: with its programs and files, but
/// without its services and without a network.
struct OfflineScripts {
  private static let place = "/.ascend-run-script"

  let writer: GuestWriter
  let programs: GuestPrograms
  let progress: (String) -> Void

  /// - Returns: What the scripts printed, a note each.
  func run(_ scripts: [String]) throws(AscendError) -> [String] {
    guard let first = scripts.first else { return [] }
    guard programs.canRun else {
      throw AscendError(
        "guest.otherArchitecture",
        "Programs of the guest (\(programs.architecture ?? "unknown")) do not run on this computer",
        object: first, remedy: "Use a first-boot script instead")
    }
    var notes: [String] = []
    for script in scripts {
      guard FileManager.default.isReadableFile(atPath: script) else {
        throw AscendError("file.notFound", "There is no such script", object: script)
      }
      progress("running \((script as NSString).lastPathComponent) in the guest")
      notes += try run(script)
    }
    return notes
  }

  private func run(_ script: String) throws(AscendError) -> [String] {
    let guest = writer.guest
    try guest.run("writing", Self.place) { guestfs_upload($0, script, Self.place) }
    try guest.run("setting the mode of", Self.place) { guestfs_chmod($0, 0o700, Self.place) }
    writer.programsRan()
    let output: String
    do throws(AscendError) {
      output = try guest.text("running", script) { guestfs_sh($0, Self.place) }
    } catch {
      guard error.code == "guest.callFailed" else { throw error }
      throw AscendError(
        "guest.scriptFailed", "A script failed in the guest", object: script, cause: error.cause,
        remedy: "Mend the script; nothing was sent, and the backup is as it was")
    }
    try guest.removeFile(Self.place)
    writer.note(.init(path: "/", after: "\(script) was run in the guest"))
    let words = output.trimmedAll
    return words.isEmpty ? [] : ["\((script as NSString).lastPathComponent): \(words.suffix(2000))"]
  }
}
