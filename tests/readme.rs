//! What the README shows is what the program prints.

#[test]
fn the_examples_of_the_readme_are_true() {
    trycmd::TestCases::new().case("README.md");
}
