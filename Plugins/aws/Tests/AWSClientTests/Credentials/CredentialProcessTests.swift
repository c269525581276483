import AWSTestSupport
import ConnectorTesting
import Foundation
import Testing

@testable import AWSClient

@Suite struct CredentialProcessTests {
  @Test(arguments: [
    ("tool --profile x", ["tool", "--profile", "x"]), ("  a   b ", ["a", "b"]), ("", []),
    (#""/opt/my tools/keys" 'it is' a\ b"#, ["/opt/my tools/keys", "it is", "a b"]),
    (#"a "say \"x\" \n" '\'"#, ["a", #"say "x" \n"#, #"\"#]), ("a '' b", ["a", "", "b"]),
    // What a shell would do beyond that is not done.
    ("a $HOME;b|c > d", ["a", "$HOME;b|c", ">", "d"]),
  ])
  func aCommandHasWords(_ command: String, _ words: [String]) {
    #expect(CommandLineWords.split(command) == words)
  }

  @Test(arguments: ["a 'b", "a \"b", "a \\"]) func aQuotationMustEnd(_ command: String) {
    #expect(CommandLineWords.split(command) == nil)
  }

  /// What a program that prints so, and ends so, gives.
  private func keys(_ lines: String, limit: Duration = .seconds(20)) async throws -> AWSCredentials {
    let scratch = try Scratch()
    let program = try scratch.write("keys.sh", lines + "\n")
    let process = CredentialProcess(environment: ["PATH": "/usr/bin:/bin", "WORD": "env"], limit: limit)
    // Read by the shell, not executed: whatever another test forks now may still hold it open.
    return try await process.keys("/bin/sh \(program) 'one word' $WORD", of: "company")
  }

  private func why(_ lines: String, limit: Duration = .seconds(20)) async -> String {
    do {
      _ = try await keys(lines, limit: limit)
      return ""
    } catch {
      #expect((error as? AWSError)?.code == AWSError.Codes.noCredentials)
      return (error as? AWSError)?.message ?? "\(error)"
    }
  }

  @Test func aProgramGivesKeys() async throws {
    let keys = try await keys(
      """
      echo "noise with a secret" >&2
      echo '{"Version": 1, "AccessKeyId": "'"$WORD-$1-$2"'", "SecretAccessKey": "s", "SessionToken": "t",'
      echo ' "Expiration": "2199-01-02T03:04:05Z"}'
      """)
    #expect(keys.accessKeyId == "env-one word-$WORD")
    #expect(keys.secretAccessKey == "s" && keys.sessionToken == "t")
    #expect(keys.expiresAt == ServiceTime.parse("2199-01-02T03:04:05Z"))
    let lasting = try await self.keys(#"echo '{"Version":1,"AccessKeyId":"a","SecretAccessKey":"s"}'"#)
    #expect(lasting.expiresAt == nil && lasting.sessionToken == nil)
  }

  @Test func whatGivesNoneSaysSo() async throws {
    #expect(await why("exit 3").contains("ended with status 3"))
    #expect(await why("echo hello").contains("no JSON of Version 1"))
    #expect(await why(#"echo '{"Version":2,"AccessKeyId":"a","SecretAccessKey":"s"}'"#).contains("Version 1"))
    #expect(await why(#"echo '{"Version":1,"AccessKeyId":"a"}'"#).contains("prints no keys"))
    let old = #"echo '{"Version":1,"AccessKeyId":"a","SecretAccessKey":"s","Expiration":"2001-01-01T00:00:00Z"}'"#
    #expect(await why(old).contains("expired"))
    #expect(await why("yes | head -c 200000").contains("prints more than"))
    let process = CredentialProcess(environment: [:])
    for command in ["/nonexistent/tool", "'", ""] {
      await #expect(throws: AWSError.self, "\(command)") { try await process.keys(command, of: "company") }
    }
  }

  /// One that hangs is ended, and what it has started is not waited for.
  @Test func aProgramThatHangsIsEnded() async throws {
    let begin = ContinuousClock.now
    #expect(await why("sleep 300 & sleep 300", limit: .seconds(1)).contains("did not end within 1 s"))
    #expect(ContinuousClock.now - begin < .seconds(60))
  }
}
