import Foundation
import Testing

@testable import Guests

@Suite("Removing an agent's packages")
struct AgentRemovalTests {
  /// Package managers that say what they were asked; the second of the asked packages is installed.
  @Test(
    "only packages that are there are removed, all in one go",
    arguments: [
      ("deb", "dpkg-query", "echo 'not-installed a'; echo 'installed b'; exit 1", "dpkg", "--remove b"),
      ("rpm", "rpm", "case $1 in -q) echo 'package a is not installed'; echo b; exit 1;; esac", "rpm", "-e b"),
      ("apk", "apk", "case $1-$3 in info-b) echo b;; info-*) exit 1;; esac", "apk", "del --no-network b"),
      ("pacman", "pacman", "case $1 in -Qq) echo b; exit 1;; esac", "pacman", "-R --noconfirm b"),
    ])
  func removal(format: String, asked: String, answer: String, remover: String, removes: String) throws {
    let folder = try TemporaryFolder()
    let log = folder.url.appendingPathComponent("log").path
    for name in Set([asked, remover]) {
      let body = name == asked ? answer : ""
      let url = folder.url.appendingPathComponent(name)
      try Data("#!/bin/sh\necho \"$*\" >>\(log)\n\(body)\n".utf8).write(to: url)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: url.path)
    }
    let script = try #require(AgentRemoval.script(format, ["a", "b"]))
    let path = "\(folder.url.path):/usr/bin:/bin"
    #expect(try Lab.run("env", ["PATH=\(path)", "sh", "-c", script]).split(separator: "\n").last == "b")
    #expect(try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").last.map(String.init) == removes)
    #expect(AgentRemoval.script("msi", ["a"]) == nil)
  }

  /// The package managers themselves, on a root of their own.
  @Test(
    "where one of an agent's packages is needed by another, all of them stay; else all go",
    arguments: [ScratchRoot.Manager.dpkg, .rpm, .pacman])
  func needed(manager: ScratchRoot.Manager) throws {
    let folder = try TemporaryFolder()
    let root = try ScratchRoot(manager, in: folder)
    try root.install("agent", needing: nil)
    try root.install("agent-desktop", needing: nil)
    try root.install("monitoring", needing: "agent")
    #expect(try root.installed() == ["agent", "agent-desktop", "monitoring"])
    let script = try #require(AgentRemoval.script(manager.format, ["agent", "agent-desktop", "agent-other"]))

    // In a shell of its own: what stops at the first error does not left of `||`.
    #expect(try root.shell("sh -c \(GuestPrograms.quoted(script)) || echo refused") == "refused\n")
    #expect(try root.installed() == ["agent", "agent-desktop", "monitoring"])

    try root.remove("monitoring")
    #expect(try root.shell(script).split(whereSeparator: \.isWhitespace).sorted() == ["agent", "agent-desktop"])
    #expect(try root.installed() == [])
    // None is there: nothing is asked for and nothing said.
    #expect(try root.shell(script) == "")
  }
}
